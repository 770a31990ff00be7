"""Who may do what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever makes a request, as the registry knows them, and which request it is."""

    id: int
    is_admin: bool
    request_id: str = ""


# Whoever sits at the server's own command line; no user has this number.
OPERATOR = Caller(id=0, is_admin=True)


def may_act_for(caller: Caller, *owners: int | None) -> bool:
    """Whether ``caller`` is an admin or one of ``owners``; None stands for a missing object."""
    return caller.is_admin or caller.id in owners
