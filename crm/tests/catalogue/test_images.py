"""Pictures come in small batches, are checked like any upload, and are stored once."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from crm.models import OdooCursor, OdooSyncLog, Product, Service
from crm.services.odoo import images
from crm.tests.catalogue.support import TEMPLATE, carry_out, finished, make
from crm.tests.conftest import VERSIONS
from socialhub.models import MediaAsset

every_version = pytest.mark.parametrize("odoo", VERSIONS, indirect=True)
pytestmark = pytest.mark.django_db(transaction=True)


def picture(colour: str, kind: str = "PNG") -> str:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


def reads(odoo) -> int:
    return len([entry for entry in odoo.log("search_read") if entry["model"] == TEMPLATE])


@every_version
def test_pictures_come_with_their_name_as_alt_text(odoo, connection):
    make(odoo, "Lamp", image_512=picture("red"))
    make(odoo, "Repair", service=True, image_512=picture("blue"))
    make(odoo, "Plain")
    finished(connection, "products")
    finished(connection, "services")

    run = finished(connection, "images")

    assert run.updated == 2
    lamp, repair = Product.objects.get(name="Lamp"), Service.objects.get()
    assert (lamp.image.alt_text, lamp.image.mime) == ("Lamp", "image/png")
    assert base64.b64encode(lamp.image.file.read()).decode() == picture("red")
    assert repair.image.alt_text == "Repair"
    assert Product.objects.get(name="Plain").image is None


@every_version
def test_unchanged_pictures_are_not_asked_for_again(odoo, connection):
    lamp = make(odoo, "Lamp", image_512=picture("red"))
    finished(connection, "products")
    finished(connection, "images")
    odoo.clear_log()

    finished(connection, "images")

    assert reads(odoo) == 0

    first = Product.objects.get().image
    # write_date shows whole seconds: a change in the second of the first one would not be seen.
    Product.objects.update(image_read_for=None)
    odoo.change(TEMPLATE, lamp, image_512=picture("green"))
    finished(connection, "products")
    finished(connection, "images")
    assert Product.objects.get().image != first


def test_the_same_picture_is_stored_once(odoo, connection):
    for _number in range(3):
        make(odoo, "Lamp", image_512=picture("red"))
    finished(connection, "products")

    finished(connection, "images")

    assert MediaAsset.objects.count() == 1
    assert Product.objects.filter(image=MediaAsset.objects.get()).count() == 3


@pytest.mark.parametrize(
    "broken", ["!!!", base64.b64encode(b"<svg/>").decode(), picture("red", "TIFF")]
)
def test_a_picture_that_cannot_be_used_is_noted_and_no_failure(odoo, connection, broken):
    make(odoo, "Lamp", image_512=broken)
    make(odoo, "Chair", image_512=picture("red"))
    finished(connection, "products")

    run = finished(connection, "images")

    assert (run.failed, run.updated) == (0, 1)
    lamp = Product.objects.get(name="Lamp")
    assert lamp.image is None and lamp.image_read_for == lamp.odoo_write_date
    line = OdooSyncLog.objects.get(operation="image")
    assert (line.outcome, line.object_id) == ("skipped", lamp.pk)
    assert "picture" in line.message


def test_a_removed_picture_goes(odoo, connection):
    lamp = make(odoo, "Lamp", image_512=picture("red"))
    finished(connection, "products")
    finished(connection, "images")
    Product.objects.update(image_read_for=None)
    odoo.change(TEMPLATE, lamp, image_512=False)

    finished(connection, "images")

    assert Product.objects.get().image is None


def test_a_run_asks_at_most_ten_times(odoo_as, db):
    from crm.tests.support import make_connection

    odoo = odoo_as("18", products=300)
    connection = make_connection(odoo.url)
    finished(connection, "products")
    odoo.clear_log()

    finished(connection, "images")

    assert reads(odoo) == images.REQUESTS
    done = Product.objects.filter(image_read_for__isnull=False).count()
    assert done == images.REQUESTS * images.BATCH


def test_pictures_too_large_for_one_answer_come_one_by_one(odoo, connection):
    for number in range(4):
        make(odoo, f"Lamp {number}", image_512=picture("red"))
    finished(connection, "products")
    for _cut in range(3):
        odoo.fault("product.template.search_read", "cut_after_commit")
        assert carry_out(connection, "images").state == "interrupted"

    # 4 rows, then 2, then 1: that one is given up.
    finished(connection, "images")

    assert Product.objects.filter(image__isnull=True).count() == 1
    assert Product.objects.exclude(image_read_for=None).count() == 4
    assert OdooSyncLog.objects.filter(operation="image").count() == 1
    assert OdooCursor.objects.get(kind="images").details == {}
