"""The people of the demo."""

from __future__ import annotations

from django.contrib.auth.models import Group, User

from socialhub.models import Preferences

# Published on purpose; `demo` refuses to run beside real data.
PASSWORD = "socialhub-demo"
# username → first name, role, language
PEOPLE = {
    "admin": ("Ana", "Administrator", "es"),
    "marketer": ("Marta", "Marketer", "es"),
    "approver": ("Pablo", "Approver", "es"),
    "analyst": ("Alex", "Analyst", "en"),
}
NAMES = tuple(PEOPLE)


def seed() -> dict[str, User]:
    """The four users by name, made when missing. Existing ones stay as they are."""
    users = {}
    for username, (first_name, role, language) in PEOPLE.items():
        user = User.objects.filter(username=username).first()
        if user is None:
            user = User(
                username=username,
                first_name=first_name,
                email=f"{username}@example.org",
                is_staff=True,
                is_superuser=role == "Administrator",
            )
            user.set_password(PASSWORD)
            user.save()
            user.groups.add(Group.objects.get(name=role))
            Preferences.objects.get_or_create(user=user, defaults={"language": language})
        users[username] = user
    return users
