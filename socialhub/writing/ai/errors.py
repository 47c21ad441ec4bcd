"""Why an AI endpoint gave nothing we can use: a closed vocabulary."""

from __future__ import annotations


class AIError(Exception):
    """`code` is stable. `detail` is our own words: nothing the endpoint said is quoted.

    `may_have_worked` is False when the endpoint certainly did no work (no tokens were used).
    `retry_after` is the seconds it asked us to wait, None when it named none.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        may_have_worked: bool = True,
        retry: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.may_have_worked = may_have_worked
        self.retry = retry
        self.retry_after = retry_after
