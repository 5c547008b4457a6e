"""A program from a seed.

Two sides hold a dialogue: a side's next turn begins when it has received all that the other one sends in the turn before.
So what a turn does cannot race with bytes that are still under way: a side that closes or aborts has read all there is to
read, and no kernel decides how a program ends. Beside the dialogue runs what may come in any order.
"""

from __future__ import annotations

from .chance import Chance
from .model import Act, Acts, Client, Failing, Program, Service, Side, Turn, sent, within

SIZES = (1, 1, 20, 300, 3000, 20_000, 70_000)
DELAYS = (0, 0, 1, 2, 5, 10, 20)


def make(seed: int) -> Program:
    """The program of a seed: the same on every machine."""
    return Maker(seed).program()


class Maker:
    """Makes one program."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Chance(seed)
        self._labels = 0

    def program(self) -> Program:
        chance = self.chance
        services = tuple(self._service() for _ in range(chance.weighed([(1, 0), (6, 1), (3, 2), (1, 3)])))
        count = chance.weighed([(5, 0), (2, 1), (1, 2)])
        failing = tuple(
            Failing(stopped=chance.one_in(3), start=chance.of((0, 0, 3, 10)), again=chance.of((0, 0, 1, 2))) for _ in range(count)
        )
        return Program(
            self.seed,
            services,
            failing,
            before=self._background(chance.weighed([(4, 0), (2, 1), (2, 3)])),
            running=self._background(chance.weighed([(3, 0), (2, 2), (2, 5)])),
            stops_ports=chance.one_in(2),
        )

    # Services.

    def _service(self) -> Service:
        chance = self.chance
        again = chance.weighed([(6, 0), (1, 1), (1, 2)])
        pause = chance.of((0, 0, 5))
        clients = tuple(
            Client(start=chance.of((0, 0, 0, 2, 10)), again=again, pause=pause) for _ in range(chance.weighed([(5, 1), (2, 2), (1, 4)]))
        )
        refuses = chance.weighed([(20, ""), (1, "none"), (1, "raise")])
        server, client = self._dialogue(chance.between(1, 4), again == 0)
        if refuses:
            # What it sends might be there when the other end closes, or not: then the connection is lost in another way.
            client = Side(half_close=client.half_close, read_lost=(Act("lose"),) if client.half_close else ())
        return Service(
            server,
            client,
            clients,
            interface=chance.weighed([(5, "127.0.0.1"), (1, "::1")]),
            shared=chance.one_in(3),
            refuses=refuses,
        )

    def _dialogue(self, length: int, may_stay: bool) -> tuple[Side, Side]:
        """Two sides that speak in turns, the client first; one of them ends it in its last turn."""
        chance = self.chance
        producers = [chance.of(("pull", "push", "hold")) for _ in range(2)]
        turns: tuple[list[Turn], list[Turn]] = ([], [])
        count = chance.between(1, 2 * length)
        stays = may_stay and chance.one_in(12)
        held = [False, False]
        for place in range(count):
            last = place == count - 1 and not stays
            acts = self._speech(producers[place % 2], last)
            if held[place % 2]:
                acts = (Act("unhold"), *acts)
            held[place % 2] = any(act.verb == "hold" for act in acts)
            turns[place % 2].append(Turn(self._end(acts) if last else acts))
        if stays:
            turns[count % 2].append(Turn((Act("leave"),)))
        ends = [act.verb for turn in (turns[0] + turns[1])[-2:] for act in within(turn.acts)]
        sides = [self._side(tuple(one), "half" in ends) for one in turns]
        return sides[1], sides[0]

    def _side(self, turns: tuple[Turn, ...], is_heard: bool) -> Side:
        chance = self.chance
        half = chance.one_in(3)
        return Side(
            turns,
            half_close=half,
            read_lost=self._farewell(is_heard) if half else (),
            write_lost=self._noise(1, True) if half and chance.one_in(2) else (),
            lost=self._noise(1, True) if chance.one_in(4) else (),
        )

    def _speech(self, producer: str, last: bool) -> Acts:
        """What a side does in a turn: it sends at least a byte, so that the other one hears that it is its turn.

        In the last turn it says all at once: what it said later might come before its own end, or after.
        """
        acts: Acts = ()
        for _ in range(self.chance.weighed([(4, 1), (3, 2), (2, 4)])):
            more = self._talk(producer, last) if self.chance.one_in(2) else self._noise(1, False)
            if producer in (act.verb for act in acts) and producer in (act.verb for act in more):
                continue  # One producer at a time: a second one would be refused, and its bytes waited for.
            acts += more
        if sent(acts) == 0:
            acts += (Act("write", self.chance.of(SIZES)),)
        return acts

    def _talk(self, producer: str, at_once: bool) -> Acts:
        chance = self.chance
        what = chance.weighed([(4, "write"), (2, "sequence"), (2, "later"), (1, "producer"), (1, "thread")])
        if at_once and what in ("later", "thread"):
            what = "write"
        if what == "producer" and producer == "hold":
            return (Act("hold"),)
        if what == "producer":
            return (Act(producer, chance.of((1, 500, 5000, 30_000)), chance.between(1, 4)),)
        if what == "sequence":
            return (Act("sequence", chance.of(SIZES), chance.of(SIZES)),)
        if what == "later":
            return (Act("later", chance.of(DELAYS), then=(Act("write", chance.of(SIZES)),)),)
        if what == "thread":
            return (Act(chance.of(("thread", "from-thread", "when-running")), then=(Act("write", chance.of(SIZES)),)),)
        return (Act("write", chance.of(SIZES)),)

    def _farewell(self, is_heard: bool) -> Acts:
        """What a side does when the other one has closed: in the end it closes too. Only who has half-closed hears more."""
        chance = self.chance
        acts: Acts = (Act("write", chance.of(SIZES)),) if is_heard and chance.one_in(2) else ()
        end: Acts = (Act("lose"),)
        return acts + (end if chance.one_in(2) else (Act("later", chance.of(DELAYS), then=end),))

    def _end(self, acts: Acts) -> Acts:
        """The last turn: the acts before the end say the last words."""
        chance = self.chance
        after = self._noise(chance.weighed([(3, 0), (1, 1), (1, 2)]), False)
        if any(act.verb == "hold" for act in acts):
            # The end waits for the producer, which goes in a while.
            after = (Act("later", chance.of(DELAYS), then=(Act("unhold"),)), *after)
        how = chance.weighed([(8, "lose"), (3, "half"), (2, "abort"), (1, "raise")])
        if how == "abort":
            # What it has just written might arrive or not.
            return (Act("abort"), *after)
        if how == "raise":
            return (Act("raise"),)
        if chance.one_in(3):
            return (*acts, Act("later", chance.of(DELAYS), then=(Act(how), *after)))
        if how == "lose" and chance.one_in(4):
            after += (Act(chance.of(("lose", "write", "abort")), 20),)
        return (*acts, Act(how), *after)

    # What may happen anywhere.

    def _noise(self, count: int, ended: bool) -> Acts:
        """Acts that change nothing for the other side; once a connection has ended, those that are allowed then."""
        chance = self.chance
        acts: Acts = ()
        for _ in range(count):
            what = chance.weighed([
                (2, "addresses"), (2, "state"), (1, "options"), (2, "pause"), (3, "timer"), (1, "nothing"), (1, "loop"),
            ])  # fmt: skip
            if ended and what in ("addresses", "options", "pause"):
                what = "state"
            if what == "nothing":
                acts += (Act("write", 0),)
            elif what == "pause":
                acts += (Act("pause", chance.of((1, 5, 10))),)
            elif what == "timer":
                acts += self._timer()
            elif what == "loop":
                # In a thread it takes its time: then the state is any.
                verb = chance.of(("thread", "from-thread", "when-running"))
                acts += (Act(verb, then=() if verb == "thread" else (Act("state"),)),)
            else:
                acts += (Act(what),)
        return acts

    def _timer(self) -> Acts:
        """A timer, and what becomes of it."""
        chance = self.chance
        self._labels += 1
        label = self._labels
        made = Act("later", chance.of((1, 10, 40, 60_000)), then=self._fired(), label=label)
        fate = chance.weighed([(3, ""), (2, "cancel"), (2, "reset"), (2, "delay"), (1, "active")])
        if made.amount == 60_000:
            fate = chance.of(("cancel", "reset"))
        if not fate:
            return (made,)
        act = Act(fate, chance.of((0, 5, 10, 20)), label=label)
        if chance.one_in(2):
            return (made, act)
        # Long before it is due or long after, or which of both comes first is the machine's affair.
        when = chance.of((0, 1, 5)) if made.amount > 10 else 40
        return (made, Act("later", when, then=(act,)))

    def _fired(self) -> Acts:
        chance = self.chance
        if chance.one_in(8):
            return (Act("raise"),)
        return (Act("later", 0, then=()),) if chance.one_in(4) else ()

    def _background(self, count: int) -> Acts:
        """What a program does beside its connections."""
        chance = self.chance
        acts: Acts = ()
        for _ in range(count):
            what = chance.weighed([
                (4, "timer"), (2, "trigger"), (1, "trigger-waits"), (2, "thread"), (2, "from-thread"), (2, "when-running"), (1, "fire"),
                (1, "port"),
            ])  # fmt: skip
            if what == "timer":
                acts += self._timer()
            elif what == "trigger":
                acts += self._trigger(Act("trigger", chance.below(3), chance.of((0, 0, 1, 2)), then=self._fired()))
            elif what == "trigger-waits":
                acts += self._trigger(Act("trigger-waits", chance.of((1, 5, 10)), 0, then=()))
            elif what == "port":
                acts += self._port()
            elif what == "fire":
                acts += (Act("fire"),)
            else:
                acts += (Act(what, then=self._fired() if chance.one_in(2) else self._timer()),)
        return acts

    def _trigger(self, act: Act) -> Acts:
        self._labels += 1
        made = Act(act.verb, act.amount, act.more, act.then, self._labels)
        return (made, Act("untrigger", label=made.label)) if self.chance.one_in(4) else (made,)

    def _port(self) -> Acts:
        """A port that nobody connects to, stopped and perhaps started again."""
        chance = self.chance
        self._labels += 1
        label = self._labels
        again: Acts = ()
        if chance.one_in(2):
            again = (Act("listen-again", label=label), *((Act("unlisten", label=label),) if chance.one_in(2) else ()))
        stop = Act("unlisten", then=again, label=label)
        return (Act("listen", label=label), stop if chance.one_in(2) else Act("later", chance.of(DELAYS), then=(stop,)))
