"""One organisation's year: `python -m bench.experiments.recycling_year SEED FD`."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

DAY = timedelta(days=1)
START = datetime(2027, 1, 4, 4, 25, tzinfo=UTC)
BEFORE, YEAR = 300, 365
WORDS = (
    "bread oven flour salt water yeast hands dawn crust warm harbour boats fog gulls rope tide "
    "violin wood strings bow varnish tune garden beans soil rain spade worms compost window glass "
    "lead colour church light paper ink press letters proof engine steam rails whistle coal bridge "
    "mountain goats cheese cave wheel rind clay kiln glaze bowl spin thumb needle thread linen hem"
)


def main() -> None:
    seed, answer = int(sys.argv[1]), int(sys.argv[2])
    os.environ["DJANGO_SETTINGS_MODULE"] = "socialhub.settings_test"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    from bench.experiments import recycling_audit

    world = World(seed)
    world.live()
    broken, checked = recycling_audit.audit(world)
    with os.fdopen(answer, "w") as out:
        json.dump(
            {
                "broken": dict(broken),
                "checked": dict(checked),
                "repeated": checked["approval"],
                "told": dict(world.told),
            },
            out,
        )


class World:
    """Accounts, rules and people, drawn by a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.told: Counter[str] = Counter()
        # Days on which nothing ran.
        self.outages: set[int] = set()
        self.published = 0
        self.readings: list[tuple[datetime, int, dict[str, int]]] = []
        self.quality: dict[int, float] = {}
        # What people said and when, for the judge.
        self.said: list[tuple[datetime, str, int]] = []

    def live(self) -> None:
        import time_machine

        with time_machine.travel(START - BEFORE * DAY, tick=False) as clock:
            self._settle_in()
            for day in range(-BEFORE, YEAR):
                now = START + day * DAY
                clock.move_to(now)
                if day == 0:
                    self._rules()
                if day in self.outages:
                    self.told["outage"] += 1
                    continue
                self._read(now)
                if day >= 0:
                    self._job(now)
                self._people(now, day)
                for at in self._moments(now):
                    clock.move_to(at)
                    self._publish(at)

    # -- the beginning ------------------------------------------------------------

    def _settle_in(self) -> None:
        from django.contrib.auth import get_user_model

        from socialhub.models import Account, Organisation, PostingSlot

        zone = self.rng.choice(["Europe/Madrid", "America/Mexico_City", "UTC"])
        Organisation.objects.update_or_create(pk=1, defaults={"timezone": zone})
        # A superuser who edits nothing: may approve everything.
        self.person = get_user_model().objects.create_superuser("approver")
        self.accounts = []
        for n in range(2):
            account = Account.objects.create(
                platform="sandbox", handle=f"shop{n}", remote_id=f"shop{n}", status="active"
            )
            hours = self.rng.sample(range(8, 22), self.rng.choice([1, 2, 3]) if n else 2)
            for weekday in range(7):
                for hour in hours:
                    PostingSlot.objects.create(account=account, weekday=weekday, time=time(hour))
            self.accounts.append(account)
        first = self.rng.randrange(60, 300)
        self.outages = {first + n for n in range(self.rng.randrange(2, 6))}

    def _rules(self) -> None:
        from experiments.services.recycling import verbs

        for n, account in enumerate(self.accounts):
            for part in range(self.rng.choice([1, 2])):
                # One rule of the whole year, or a seed might repeat nothing.
                plain = n == part == 0
                season = self.rng.random() < 0.3 and not plain
                verbs.create_rule(
                    None,
                    name=f"Rule {n}.{part}",
                    accounts=[account],
                    only_evergreen=self.rng.random() < 0.5,
                    min_age_days=self.rng.choice([30, 60]),
                    cooldown_days=self.rng.choice([21, 30, 45]),
                    cap=self.rng.choice([1, 2, 5]),
                    share=0.3 if plain else self.rng.choice([0.1, 0.2, 0.3]),
                    needs_approval=self.rng.random() < 0.5,
                    language=self.rng.choice(["", "es", "en"]) if part else "",
                    season_from="10-15" if season else "",
                    season_to="03-20" if season else "",
                )

    # -- a day --------------------------------------------------------------------

    def _job(self, now: datetime) -> None:
        from experiments.services.recycling import planning

        self.told.update(planning.plan_all(now))

    def _people(self, now: datetime, day: int) -> None:
        """Write, approve, refuse, cancel, skip."""
        for account in self.accounts:
            if self.rng.random() < 0.7:
                self._write(account, now)
        if day < 0:
            return
        from experiments.models import RecycledPost
        from socialhub.services import posts, publishing

        waiting = RecycledPost.objects.filter(
            post__status="in_review", publication__status="draft", publication__due_at__gt=now
        ).select_related("post", "publication")
        for row in waiting:
            if self.rng.random() < 0.8:
                posts.approve(row.post, self.person)
            else:
                publishing.cancel(row.publication, self.person)
                self.told["refused"] += 1
        if self.rng.random() < 0.05:
            self._speak(now)

    def _write(self, account: Any, now: datetime) -> None:
        from socialhub.services import posts, queue

        at = queue.next_free_slot(account, now + timedelta(hours=1))
        text = " ".join(self.rng.sample(WORDS.split(), 9))
        if self.rng.random() < 0.05:
            text = f"Only today: {text}"
        language = self.rng.choice(["es", "en"])
        post = posts.create(
            None,
            text=text,
            language=language,
            is_evergreen=self.rng.random() < 0.5,
            accounts=[account],
        )
        posts.approve(post, self.person, due_at=at)

    def _speak(self, now: datetime) -> None:
        """Somebody says something about a post that is out."""
        from experiments.services.recycling import verbs
        from socialhub.models import Publication

        rows = list(Publication.objects.filter(status="published", repeats__isnull=True))
        row = self.rng.choice(rows)
        what = self.rng.choice(["never", "skip", "dated", "season"])
        if what == "never":
            verbs.never(row, self.person)
        elif what == "skip":
            verbs.skip(row, self.person)
        elif what == "dated":
            verbs.describe(row, self.person, time_sensitive=True)
        else:
            verbs.describe(row, self.person, season_from="11-15", season_to="01-06")
        self.said.append((now, what, row.pk))

    # -- the network --------------------------------------------------------------

    def _moments(self, now: datetime) -> list[datetime]:
        """When something is due until the next morning; what an outage left over is due now."""
        from socialhub.models import Publication

        due = Publication.objects.filter(status="scheduled", not_before__lt=now + DAY)
        return sorted({max(now, at) for at in due.values_list("not_before", flat=True)})

    def _publish(self, at: datetime) -> None:
        from socialhub.models import Publication
        from socialhub.platforms.base import Receipt
        from socialhub.services.publishing import claims, outcomes

        for pk in Publication.objects.due(at).values_list("pk", flat=True):
            if claims.mark_missed(pk, at) or claims.claim(pk, at) is None:
                continue
            publication = Publication.objects.select_related("post", "account").get(pk=pk)
            receipt = Receipt(remote_id=f"remote-{pk}", published_at=publication.due_at)
            outcomes.record_acceptance(publication, None, receipt)
            self.published += 1
            self.readings.append((at + 4 * DAY, pk, self._audience(publication)))

    def _audience(self, publication: Any) -> dict[str, int]:
        """A post's own quality, luck, and fewer reactions at each repetition."""
        again = getattr(publication, "repeats", None)
        root = again.original_id if again is not None else publication.pk
        quality = self.quality.setdefault(root, self.rng.gauss(0, 0.4))
        tired = (1 + (again.number if again is not None else 0)) ** -0.2
        seen = max(50, round(self.rng.lognormvariate(6.5, 0.8)))
        rate = 0.03 * 2.718281828 ** (quality + self.rng.gauss(0, 0.3)) * tired
        likes = sum(self.rng.random() < min(1, rate) for _ in range(seen))
        return {"likes": likes, "impressions": seen}

    def _read(self, now: datetime) -> None:
        from analytics.services import recording
        from socialhub.models import Publication

        due = [one for one in self.readings if one[0] <= now]
        self.readings = [one for one in self.readings if one[0] > now]
        for at, pk, counters in due:
            recording.record(None, Publication.objects.get(pk=pk), counters, at)


if __name__ == "__main__":
    main()
