"""How often PINs may be tried: from one source, for one ticket, and over all of them. Pure.

No limit by address alone: behind one there may be a whole village office, or a front-end with all
of its users. docs/decisions/0041 says why each limit is as it is.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    tries: int
    within: timedelta


QUARTER = timedelta(minutes=15)

#: From one source, for one ticket.
OF_PAIR = Limit(5, QUARTER)
#: The same, where the source is wrong for many tickets: whoever types it right still gets in.
OF_STRAYING_PAIR = Limit(1, QUARTER)
#: From one source before it is said to stray, and before only what it opened before is left to it.
STRAYING = Limit(30, QUARTER)
OF_SOURCE = Limit(300, QUARTER)
#: For one ticket, from all sources that never opened it: one source alone cannot use this up.
OF_TICKET = Limit(30, timedelta(hours=1))
#: Links that are sent to the contact of one ticket, and asked for from one source: an office may
#: have many visitors.
LINKS_OF_TICKET = Limit(3, timedelta(days=1))
LINKS_OF_SOURCE = Limit(20, timedelta(days=1))
#: How long a source that opened a ticket is left out of what others did.
REMEMBERED = timedelta(days=30)
