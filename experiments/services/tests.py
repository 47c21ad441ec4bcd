"""Another name of `experiments.services.ab_tests`: call the verbs through either.

The package is not called tests, as images are built without folders of that name.
"""

from experiments.services.ab_tests import *  # noqa: F403
from experiments.services.ab_tests import __all__  # noqa: F401
