from socialhub.tests.stack.test_reliability import *  # noqa
from socialhub.tests.stack import test_reliability as t
from socialhub.tests.stack.networks import SandboxNetwork

del test_no_fault_on_any_network_doubles_or_loses_a_post  # noqa


@pytest.fixture
def networks(standins):
    return [StandInNetwork(standins(s), s) for s in ("instagram", "meta_threads")]


@pytest.mark.parametrize("network", ["all"])
def test_mine(network, crew, networks, picture, live_server, settings):
    settings.PUBLIC_MEDIA_URL = live_server.url
    course = Course(crew, networks, picture)
    course.env = {"PUBLIC_MEDIA_URL": live_server.url, **addresses(networks)}
    course.run()
    made = page(course.cells)
    print(made)
    open("/tmp/matrix_i.md", "w").write(made)
    assert BAD not in made, made
    for one in networks:
        print(one.name, settled_alone(one, course.cells))
        assert settled_alone(one, course.cells) >= least_settled(one), one.name
