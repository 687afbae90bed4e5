#!/usr/bin/python3
"""Checks a ZooKeeper server with kazoo, a client that shares no code with this repository.

    kazoo_suite.py CONNECT_STRING CHECK    runs one check; exits with 0 when it holds, with 1 and the reason otherwise
    kazoo_suite.py --list                  prints every check; those marked "control" need the server's help

A check that needs the server's help writes a line, "drop SESSION", "expire SESSION", "refuse" or "accept", and goes on
when "done" is answered.
"""
import concurrent.futures
import faulthandler
import logging
import queue
import sys
import threading
import time

try:
    from kazoo import exceptions, security
    from kazoo.client import KazooClient, KazooState
    from kazoo.protocol.states import EventType
    from kazoo.recipe.barrier import DoubleBarrier
except ImportError as missing:
    sys.exit(f"{missing}: install the Debian package python3-kazoo, or run ./test.sh as root, which does.")

PATIENCE = 20
WATCHDOG = 50
CHECKS = {}


class Failed(Exception):
    """A check does not hold."""


def check(function=None, control=False):
    if function is None:
        return lambda inner: check(inner, control)
    CHECKS[function.__name__] = (function, control)
    return function


def equal(wanted, actual, what):
    if wanted != actual:
        raise Failed(f"{what}: expected {wanted!r}, got {actual!r}")


def true(condition, what):
    if not condition:
        raise Failed(f"not so: {what}")


def raises(error, function, *args, **kwargs):
    call = f"{function.__name__}{args}{kwargs or ''}"
    try:
        result = function(*args, **kwargs)
    except error as e:
        equal(error, type(e), f"error of {call}")
    except Exception as e:
        raise Failed(f"{call} should raise {error.__name__}, raised {e!r}") from e
    else:
        raise Failed(f"{call} should raise {error.__name__}, returned {result!r}")


class Recorder:
    """Collects what callbacks are given, and hands it out in order."""

    def __init__(self):
        self._items = queue.Queue()

    def __call__(self, item):
        self._items.put(item)

    def next(self, what):
        try:
            return self._items.get(timeout=PATIENCE)
        except queue.Empty:
            raise Failed(f"{what}: nothing came within {PATIENCE} s") from None

    def expect(self, wanted, what):
        equal(wanted, self.next(what), what)

    def until(self, wanted, what):
        seen = []
        while not seen or seen[-1] != wanted:
            try:
                seen.append(self._items.get(timeout=PATIENCE))
            except queue.Empty:
                raise Failed(f"{what}: {wanted!r} did not come, only {seen!r}") from None
        return seen

    def event(self, event):
        self._items.put((event.type, event.path))


class Run:
    """One run of one check: its own znode, and clients that are closed at the end."""

    def __init__(self, connect_string, name):
        self.connect_string = connect_string
        self.root = f"/{name}"
        self._clients = []

    def client(self, chroot="", **options):
        client = KazooClient(hosts=self.connect_string + chroot, timeout=options.pop("timeout", 10.0), **options)
        self._clients.append(client)
        client.start(timeout=PATIENCE)
        return client

    def ask(self, request):
        print(request, flush=True)
        answer = sys.stdin.readline().strip()
        equal("done", answer, f"answer to {request}")

    def close(self):
        for client in self._clients:
            client.stop()
            client.close()


def background(function, *args, **kwargs):
    future = concurrent.futures.Future()

    def run():
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as e:
            future.set_exception(e)

    threading.Thread(target=run, daemon=True).start()
    return future


def result(future, what):
    try:
        return future.result(PATIENCE)
    except concurrent.futures.TimeoutError:
        raise Failed(f"{what}: not done within {PATIENCE} s") from None


def wait(event, what):
    true(event.wait(PATIENCE), what)


def children_become(client, path, wanted, what):
    """Waits until a node has this many children; client.get_children sees at least as much afterwards."""
    reached = threading.Event()

    def look(children):
        if len(children) == wanted:
            reached.set()
            return False
        return True

    client.ChildrenWatch(path, look)
    wait(reached, what)


@check
def nodes(run):
    zk = run.client()
    path = run.root
    equal(path, zk.create(path, b"one"), "path created")
    data, stat = zk.get(path)
    equal((b"one", 0), (data, stat.version), "data and version created")
    equal(1, zk.set(path, b"two").version, "version after a set")
    equal(2, zk.set(path, b"three", version=1).version, "version after a set at the right version")
    equal((b"three", 2), (zk.get(path)[0], zk.exists(path).version), "data and version at the end")
    equal([], zk.get_children(path), "children of a new node")
    for name in ("b", "a", "c"):
        zk.create(f"{path}/{name}")
    names, stat = zk.get_children(path, include_data=True)
    equal((["a", "b", "c"], 3), (sorted(names), stat.numChildren), "children")
    true(zk.delete(f"{path}/a"), "a node is deleted")
    zk.delete(f"{path}/b", version=0)
    equal(["c"], zk.get_children(path), "children left")
    equal(None, zk.exists(f"{path}/a"), "a deleted node's stat")
    created, stat = zk.create(f"{path}/with-stat", b"12345", include_data=True)
    equal((f"{path}/with-stat", 5, 0), (created, stat.dataLength, stat.version), "create that returns the stat")
    zk.create(f"{path}/größe-水", "größe".encode())
    equal("größe".encode(), zk.get(f"{path}/größe-水")[0], "data of a name beyond ASCII")
    zk.create(f"{path}/null", None)
    equal(0, zk.get(f"{path}/null")[1].dataLength, "length of null data")
    big = bytes(range(256)) * 3_900
    zk.create(f"{path}/big", big)
    equal(big, zk.get(f"{path}/big")[0], "a megabyte of data")
    equal(path, zk.sync(path), "path synced")
    zk.delete(path, recursive=True)
    equal(None, zk.exists(path), "a tree deleted")


@check
def node_errors(run):
    zk = run.client()
    path, missing = run.root, f"{run.root}/missing"
    zk.create(path, b"one")
    raises(exceptions.NodeExistsError, zk.create, path, b"other")
    raises(exceptions.NodeExistsError, zk.create, "/")
    raises(exceptions.NoNodeError, zk.create, f"{missing}/child")
    raises(exceptions.NoNodeError, zk.get, missing)
    raises(exceptions.NoNodeError, zk.set, missing, b"")
    raises(exceptions.NoNodeError, zk.delete, missing)
    raises(exceptions.NoNodeError, zk.get_children, missing)
    raises(exceptions.NoNodeError, zk.get_acls, missing)
    raises(exceptions.NoNodeError, zk.set_acls, missing, security.OPEN_ACL_UNSAFE)
    raises(exceptions.BadVersionError, zk.set, path, b"other", version=7)
    raises(exceptions.BadVersionError, zk.delete, path, version=7)
    raises(exceptions.BadVersionError, zk.set_acls, path, security.OPEN_ACL_UNSAFE, version=7)
    raises(exceptions.BadArgumentsError, zk.delete, "/")
    zk.create(f"{path}/child")
    raises(exceptions.NotEmptyError, zk.delete, path)
    data, stat = zk.get(path)
    equal((b"one", 0, 0, 1), (data, stat.version, stat.aversion, stat.numChildren), "the node after all these errors")


@check
def stats(run):
    zk = run.client()
    path, child = run.root, f"{run.root}/child"
    before = time.time() * 1000
    zk.create(path, b"four")
    new = zk.exists(path)
    true(new.czxid > 0 and new.czxid == new.mzxid == new.pzxid, f"a new node has one zxid: {new}")
    true(new.ctime == new.mtime and before - 1_000 <= new.ctime <= time.time() * 1000 + 1_000, f"its times are now: {new}")
    equal((0, 0, 0, 0, 4, 0), (new.version, new.cversion, new.aversion, new.ephemeralOwner, new.dataLength, new.numChildren), "new")

    changed = zk.set(path, b"fifty")
    true(changed.mzxid > new.mzxid and changed.mtime >= new.mtime, f"a set moves mzxid and mtime: {changed}")
    equal(new._replace(mzxid=changed.mzxid, mtime=changed.mtime, version=1, dataLength=5), changed, "after a set")

    zk.create(child, ephemeral=True)
    mine = zk.exists(child)
    equal(zk.client_id[0], mine.ephemeralOwner, "owner of an ephemeral")
    equal(changed._replace(pzxid=mine.czxid, cversion=1, numChildren=1), zk.exists(path), "after a child's creation")

    zk.set(child, b"x")
    equal(changed._replace(pzxid=mine.czxid, cversion=1, numChildren=1), zk.exists(path), "after a child's change")

    zk.delete(child)
    gone = zk.exists(path)
    true(gone.pzxid > mine.czxid, f"a child's deletion moves pzxid: {gone}")
    equal(changed._replace(pzxid=gone.pzxid, cversion=2), gone, "after a child's deletion")

    protected = zk.set_acls(path, security.READ_ACL_UNSAFE)
    equal(gone._replace(aversion=1), protected, "after a change of the ACL")
    equal((security.READ_ACL_UNSAFE, protected), zk.get_acls(path), "ACL and stat")


@check
def watches(run):
    zk, other = run.client(), run.client()
    path = run.root
    seen = Recorder()

    equal(None, zk.exists(path, watch=seen.event), "stat of a missing node")
    other.create(path)
    seen.expect((EventType.CREATED, path), "exists watch on a missing node")

    zk.exists(path, watch=seen.event)
    other.set(path, b"1")
    seen.expect((EventType.CHANGED, path), "exists watch on a change")

    zk.get(path, watch=seen.event)
    other.set(path, b"2")
    seen.expect((EventType.CHANGED, path), "data watch on a change")

    zk.get_children(path, watch=seen.event)
    other.set(path, b"3")
    other.create(f"{path}/child")
    seen.expect((EventType.CHILD, path), "child watch on a creation; a change is not its matter")

    zk.get(f"{path}/child", watch=seen.event)
    zk.get_children(path, watch=seen.event)
    other.delete(f"{path}/child")
    equal([(EventType.CHILD, path), (EventType.DELETED, f"{path}/child")],
          sorted(seen.next("events of a deletion") for _ in range(2)), "data and child watch on a deletion")

    zk.get_children(path, watch=seen.event)
    other.delete(path)
    seen.expect((EventType.DELETED, path), "child watch on the deletion of its node")

    # Watches fire once: of the three changes one is told, and the event of the last node comes next.
    other.create(path)
    zk.get(path, watch=seen.event)
    zk.exists(f"{path}/last", watch=seen.event)
    for _ in range(3):
        other.set(path, b"again")
    other.create(f"{path}/last")
    seen.expect((EventType.CHANGED, path), "one-shot watch")
    seen.expect((EventType.CREATED, f"{path}/last"), "the event after it")


@check
def data_watch(run):
    zk, other = run.client(), run.client()
    seen = Recorder()

    @zk.DataWatch(run.root)
    def look(data, stat):
        seen((data, None if stat is None else stat.version))

    seen.expect((None, None), "a missing node")
    other.create(run.root, b"1")
    seen.expect((b"1", 0), "its creation")
    other.set(run.root, b"2")
    seen.expect((b"2", 1), "its change")
    other.delete(run.root)
    seen.expect((None, None), "its deletion")
    other.create(run.root, b"3")
    seen.expect((b"3", 0), "its second creation")


@check
def children_watch(run):
    zk, other = run.client(), run.client()
    seen = Recorder()
    zk.create(run.root)

    @zk.ChildrenWatch(run.root)
    def look(children):
        seen(sorted(children))
        return len(children) < 3

    seen.expect([], "no child")
    for name, names in (("a", ["a"]), ("b", ["a", "b"])):
        other.create(f"{run.root}/{name}")
        seen.expect(names, f"creation of {name}")
    other.delete(f"{run.root}/a")
    seen.expect(["b"], "deletion of a")


@check
def ephemerals(run):
    zk, stays, leaves = run.client(), run.client(), run.client()
    seen = Recorder()
    zk.create(run.root)
    stays.create(f"{run.root}/stays", ephemeral=True)
    for name in ("one", "two"):
        leaves.create(f"{run.root}/{name}", name.encode(), ephemeral=True)
    raises(exceptions.NoChildrenForEphemeralsError, leaves.create, f"{run.root}/one/child")
    equal(leaves.client_id[0], zk.exists(f"{run.root}/one").ephemeralOwner, "owner")
    zk.exists(f"{run.root}/one", watch=seen.event)
    zk.exists(f"{run.root}/two", watch=seen.event)
    leaves.stop()
    equal([(EventType.DELETED, f"{run.root}/one"), (EventType.DELETED, f"{run.root}/two")],
          sorted(seen.next("deletion at the owner's end") for _ in range(2)), "ephemerals gone")
    equal(["stays"], zk.get_children(run.root), "nodes of the session that lives")


@check
def sequences(run):
    zk = run.client()
    path = run.root
    zk.create(path)
    equal(f"{path}/a0000000000", zk.create(f"{path}/a", sequence=True), "first")
    equal(f"{path}/b0000000001", zk.create(f"{path}/b", sequence=True), "second, of another prefix")
    zk.delete(f"{path}/b0000000001")
    equal(f"{path}/0000000002", zk.create(f"{path}/", sequence=True, ephemeral=True), "after a deletion, without a prefix")
    equal(zk.client_id[0], zk.exists(f"{path}/0000000002").ephemeralOwner, "owner of an ephemeral sequence node")
    created, _ = zk.create(f"{path}/s", sequence=True, include_data=True)
    equal(f"{path}/s0000000003", created, "with its stat")
    pending = [zk.create_async(f"{path}/many-", sequence=True) for _ in range(50)]
    numbers = [int(each.get(timeout=PATIENCE)[-10:]) for each in pending]
    equal(list(range(4, 54)), numbers, "numbers of a pipeline")
    raises(exceptions.NoNodeError, zk.create, f"{path}/missing/s", sequence=True)


@check
def transactions(run):
    zk = run.client()
    path = run.root
    zk.create(path, b"one")
    transaction = zk.transaction()
    transaction.check(path, version=0)
    transaction.create(f"{path}/a", b"a")
    transaction.create(f"{path}/a/b", b"b", ephemeral=True)
    transaction.create(f"{path}/s", sequence=True)
    transaction.set_data(path, b"two", version=0)
    transaction.delete(f"{path}/a/b")
    results = transaction.commit()
    equal([True, f"{path}/a", f"{path}/a/b", f"{path}/s0000000001"], results[:4], "results up to the set")
    equal((1, 3, True), (results[4].version, results[4].dataLength, results[5]), "results of set and delete")
    stat = zk.exists(path)
    equal(stat.mzxid, zk.exists(f"{path}/a").czxid, "one zxid for all operations")
    equal((b"two", ["a", "s0000000001"]), (zk.get(path)[0], sorted(zk.get_children(path))), "what it left")


@check
def transaction_rollbacks(run):
    zk = run.client()
    path = run.root
    zk.create(path, b"one")
    zk.create(f"{path}/parent")
    zk.create(f"{path}/parent/child")
    seen = Recorder()
    before = zk.get(path, watch=seen.event)

    failures = [
        (exceptions.BadVersionError, lambda t: t.check(path, version=7)),
        (exceptions.BadVersionError, lambda t: t.set_data(path, b"x", version=7)),
        (exceptions.BadVersionError, lambda t: t.delete(f"{path}/parent/child", version=7)),
        (exceptions.NodeExistsError, lambda t: t.create(f"{path}/parent")),
        (exceptions.NoNodeError, lambda t: t.create(f"{path}/missing/child")),
        (exceptions.NoNodeError, lambda t: t.set_data(f"{path}/missing", b"")),
        (exceptions.NoNodeError, lambda t: t.check(f"{path}/missing", version=0)),
        (exceptions.NoNodeError, lambda t: t.delete(f"{path}/missing")),
        (exceptions.NotEmptyError, lambda t: t.delete(f"{path}/parent")),
    ]
    for number, (error, add) in enumerate(failures):
        for index in range(3):
            transaction = zk.transaction()
            for position in range(3):
                if position == index:
                    add(transaction)
                elif position % 2 == 0:
                    transaction.set_data(path, b"never")
                else:
                    transaction.create(f"{path}/never")
            wanted = [exceptions.RolledBackError] * index + [error] + [exceptions.RuntimeInconsistency] * (2 - index)
            equal(wanted, [type(each) for each in transaction.commit()], f"failure {number} at index {index}")

    equal(before, zk.get(path), "the node after all rollbacks")
    equal(["parent"], zk.get_children(path), "its children")
    zk.exists(f"{path}/last", watch=seen.event)
    zk.create(f"{path}/last")
    seen.expect((EventType.CREATED, f"{path}/last"), "the first event after all rollbacks")


@check
def locks(run):
    first, second, observer = run.client(), run.client(), run.client()
    path = run.root
    held, wanted = first.Lock(path, "first"), second.Lock(path, "second")
    true(held.acquire(timeout=PATIENCE), "a free lock is taken")
    true(not wanted.acquire(blocking=False), "a taken lock is refused")
    raises(exceptions.LockTimeout, wanted.acquire, timeout=0.1)

    wanted = second.Lock(path, "second")
    waiting = background(wanted.acquire, timeout=PATIENCE)
    children_become(observer, path, 2, "the second client queues")
    equal(["first", "second"], observer.Lock(path).contenders(), "contenders")
    true(not waiting.done(), "the second client waits while the first holds the lock")
    held.release()
    true(result(waiting, "passing the lock on"), "the second client has the lock")
    equal(["second"], observer.Lock(path).contenders(), "contenders after the release")

    heir = observer.Lock(path, "heir")
    waiting = background(heir.acquire, timeout=PATIENCE)
    children_become(first, path, 2, "the third client queues")
    second.stop()
    true(result(waiting, "passing the lock on at the holder's end"), "the third client has the lock")


@check
def locks_exclude(run):
    clients = [run.client() for _ in range(3)]
    counter, lock_path = f"{run.root}/counter", f"{run.root}/lock"
    clients[0].create(counter, b"0", makepath=True)

    def count(client):
        lock = client.Lock(lock_path)
        for _ in range(10):
            with lock:
                client.set(counter, b"%d" % (int(client.get(counter)[0]) + 1))

    for each in [background(count, client) for client in clients]:
        result(each, "counting under the lock")
    equal(b"30", clients[0].get(counter)[0], "increments that survived")


@check
def read_write_locks(run):
    zk, other = run.client(), run.client()
    path = run.root
    readers = [zk.ReadLock(path, "reader 1"), other.ReadLock(path, "reader 2")]
    for reader in readers:
        true(reader.acquire(timeout=PATIENCE), "readers share the lock")
    writer = zk.WriteLock(path, "writer")
    waiting = background(writer.acquire, timeout=PATIENCE)
    children_become(other, path, 3, "the writer queues")
    readers[0].release()
    true(not waiting.done(), "the writer waits for the other reader")
    readers[1].release()
    true(result(waiting, "passing the lock to the writer"), "the writer has the lock")
    true(not other.ReadLock(path).acquire(blocking=False), "a reader is refused while the writer writes")


@check
def semaphores(run):
    zk, other, third = run.client(), run.client(), run.client()
    path = run.root
    slots = [client.Semaphore(path, identifier, max_leases=2)
             for client, identifier in ((zk, "one"), (other, "two"), (third, "three"))]
    true(slots[0].acquire(timeout=PATIENCE) and slots[1].acquire(timeout=PATIENCE), "two leases are given")
    true(not slots[2].acquire(blocking=False), "a third is refused")
    equal(["one", "two"], sorted(slots[2].lease_holders()), "lease holders")
    slots[0].release()
    true(slots[2].acquire(timeout=PATIENCE), "a lease given back is given on")


@check
def election(run):
    zk, other = run.client(), run.client()
    path = run.root
    leading, resign = Recorder(), {name: threading.Event() for name in ("one", "two")}

    def lead(name):
        leading(name)
        wait(resign[name], f"{name} is told to resign")

    first = zk.Election(path, "one")
    terms = [background(first.run, lead, "one")]
    leading.expect("one", "the first leader")
    second = other.Election(path, "two")
    terms.append(background(second.run, lead, "two"))
    children_become(zk, path, 2, "the second contender queues")
    equal(["one", "two"], zk.Election(path).contenders(), "contenders")
    resign["one"].set()
    leading.expect("two", "the leader after the first has resigned")
    result(terms[0], "the first term")

    third = zk.Election(path, "three")
    waiting = background(third.run, lead, "three")
    children_become(other, path, 2, "the third contender queues")
    third.cancel()
    result(waiting, "a contender that gives up")
    resign["two"].set()
    result(terms[1], "the second term")
    equal([], zk.get_children(path), "contenders left")


@check
def counters(run):
    zk, other = run.client(), run.client()

    def add(client):
        counter = client.Counter(run.root)
        for _ in range(10):
            counter += 1

    for each in [background(add, client) for client in (zk, other)]:
        result(each, "counting")
    equal(20, zk.Counter(run.root).value, "sum of two clients that retry at BadVersion")


@check
def ensure_path(run):
    zk, other = run.client(), run.client()
    deep = f"{run.root}/a/b/c"
    true(zk.ensure_path(deep), "a path is created")
    true(zk.ensure_path(deep), "a path that exists is left")
    equal(0, zk.exists(deep).version, "its version")
    paths = [f"{run.root}/race/{number}" for number in range(10)]
    pending = [client.ensure_path_async(path) for path in paths for client in (zk, other)]
    for each in pending:
        true(each.get(timeout=PATIENCE), "two clients create one path")
    equal(10, len(zk.get_children(f"{run.root}/race")), "nodes of the race")
    equal(f"{run.root}/x/y/z", zk.create(f"{run.root}/x/y/z", b"data", makepath=True), "create that makes its path")

    zk.create(f"{run.root}/inside")
    inside = run.client(chroot=f"{run.root}/inside")
    inside.create("/node", b"data")
    equal(b"data", zk.get(f"{run.root}/inside/node")[0], "a node seen from outside")
    equal(["node"], inside.get_children("/"), "a chroot's children")


@check
def parties(run):
    zk, other = run.client(), run.client()
    for kind, make in (("deep", lambda client, name: client.Party(f"{run.root}/deep", name)),
                       ("shallow", lambda client, name: client.ShallowParty(f"{run.root}/shallow", name))):
        mine, theirs = make(zk, "one"), make(other, "two")
        mine.join()
        theirs.join()
        equal((["one", "two"], 2), (sorted(mine), len(mine)), f"members of a {kind} party")
        theirs.leave()
        equal(["one"], list(mine), f"members of a {kind} party after one has left")
        theirs.join()
    members = f"{run.root}/deep"
    other.stop()
    children_become(zk, members, 1, "a member that ends leaves")


@check
def barriers(run):
    zk, other = run.client(), run.client()
    barrier = zk.Barrier(f"{run.root}/single")
    barrier.create()
    true(not other.Barrier(f"{run.root}/single").wait(timeout=0.1), "a barrier holds")
    waiting = background(other.Barrier(f"{run.root}/single").wait, PATIENCE)
    true(barrier.remove(), "a barrier is removed")
    true(result(waiting, "waiting at a barrier"), "a barrier removed lets pass")
    true(not barrier.remove(), "a barrier is removed once")
    true(barrier.wait(PATIENCE), "no barrier, no wait")

    doubles = [DoubleBarrier(client, f"{run.root}/double", 2, name) for client, name in ((zk, "one"), (other, "two"))]
    entering = background(doubles[0].enter)
    zk.ensure_path(f"{run.root}/double")
    children_become(zk, f"{run.root}/double", 1, "the first enters")
    true(not entering.done(), "the first waits for the second")
    doubles[1].enter()
    result(entering, "entering together")
    true(all(double.participating for double in doubles), "both are inside")
    for each in [background(double.leave) for double in doubles]:
        result(each, "leaving together")
    equal([], zk.get_children(f"{run.root}/double"), "participants left")


@check
def queues(run):
    zk, other = run.client(), run.client()
    plain = zk.Queue(f"{run.root}/plain")
    for value, priority in ((b"low", 200), (b"first", 100), (b"second", 100), (b"high", 5)):
        plain.put(value, priority)
    taker = other.Queue(f"{run.root}/plain")
    equal([b"high", b"first", b"second", b"low", None], [taker.get() for _ in range(5)], "entries by priority, then by age")

    mine, theirs = zk.LockingQueue(f"{run.root}/locking"), other.LockingQueue(f"{run.root}/locking")
    mine.put_all([b"1", b"2"])
    equal((b"1", b"2"), (mine.get(PATIENCE), theirs.get(PATIENCE)), "an entry is locked for its taker")
    true(mine.holds_lock() and mine.consume() and theirs.release(), "one is consumed, the other given back")
    equal(b"2", mine.get(PATIENCE), "an entry given back")
    true(mine.consume(), "it is consumed")
    waiting = background(theirs.get, PATIENCE)
    mine.put(b"3")
    equal(b"3", result(waiting, "waiting for an entry"), "an entry that was waited for")


@check
def acls(run):
    owner = run.client(auth_data=[("digest", "owner:secret")])
    reader = run.client()
    stranger = run.client(auth_data=[("digest", "owner:wrong")])
    reader.add_auth("digest", "reader:open")
    path, child = run.root, f"{run.root}/child"
    acl = [security.make_digest_acl("owner", "secret", all=True), security.make_digest_acl("reader", "open", read=True)]
    owner.create(path, b"data", acl=acl)
    owner.create(child, acl=security.OPEN_ACL_UNSAFE)
    equal(sorted(acl), sorted(owner.get_acls(path)[0]), "ACL as it was set")

    for each in (stranger, reader):
        raises(exceptions.NoAuthError, each.set, path, b"x")
        raises(exceptions.NoAuthError, each.create, f"{path}/new")
        raises(exceptions.NoAuthError, each.delete, child)
        raises(exceptions.NoAuthError, each.set_acls, path, security.OPEN_ACL_UNSAFE)
        true(each.exists(path), "anyone may ask whether a node exists")
        transaction = each.transaction()
        transaction.check(child, 0)
        transaction.set_data(path, b"x")
        equal([exceptions.RolledBackError, exceptions.NoAuthError], [type(r) for r in transaction.commit()], "a transaction without leave")
    raises(exceptions.NoAuthError, stranger.get, path)
    raises(exceptions.NoAuthError, stranger.get_children, path)
    equal((b"data", ["child"]), (reader.get(path)[0], reader.get_children(path)), "what a reader may see")

    equal(1, owner.set(path, b"x").version, "a set by the owner")
    stranger.add_auth("digest", "owner:secret")
    equal(2, stranger.set(path, b"y").version, "a set by a stranger who has said the password")
    owner.set_acls(path, security.OPEN_ACL_UNSAFE, version=0)
    reader.delete(child)
    equal(3, reader.set(path, b"z").version, "a set by anyone after the ACL is opened")


@check
def acl_errors(run):
    owner, stranger = run.client(auth_data=[("digest", "owner:secret")]), run.client()
    path = run.root
    owner.create(path, acl=security.CREATOR_ALL_ACL)
    equal([security.make_digest_acl("owner", "secret", all=True)], owner.get_acls(path)[0], "ACL of the creator")
    raises(exceptions.NoAuthError, stranger.get, path)
    raises(exceptions.InvalidACLError, stranger.create, "/acl-of-nobody", acl=security.CREATOR_ALL_ACL)
    raises(exceptions.InvalidACLError, owner.create, f"{path}/bad", acl=[security.make_acl("nosuch", "id", all=True)])
    raises(exceptions.InvalidACLError, owner.set_acls, path, [security.make_acl("digest", "no-colon", all=True)])
    raises(exceptions.AuthFailedError, stranger.add_auth, "nosuch", "credential")
    equal([], owner.get_children(path), "children after all these errors")


@check
def foreign_sessions(run):
    zk, observer = run.client(), run.client()
    zk.create(run.root, ephemeral=True)
    # Apache ZooKeeper cuts the owner's connection before it checks the password, and a client without one has no id.
    session = zk.client_id[0]
    thief = run.client(client_id=(session, b"wrong password!!"))
    true(thief.client_id[0] != session, "a session is not given away for a wrong password")
    thief.stop()
    equal(session, observer.exists(run.root).ephemeralOwner, "owner of the ephemeral afterwards")


@check
def commands(run):
    zk = run.client()
    equal("imok", zk.command(b"ruok"), "answer to ruok")
    true("Mode: standalone" in zk.command(b"srvr"), "srvr tells the mode")


@check(control=True)
def reconnect(run):
    zk = run.client(auth_data=[("digest", "owner:secret")])
    observer = run.client()
    zk.create(run.root, acl=security.CREATOR_ALL_ACL)
    zk.create(f"{run.root}/mine", ephemeral=True)
    states = Recorder()
    zk.add_listener(states)
    session = zk.client_id
    run.ask(f"drop {session[0]}")
    states.expect(KazooState.SUSPENDED, "state after a cut")
    states.expect(KazooState.CONNECTED, "state after the reconnect")
    equal(session, zk.client_id, "session")
    equal(session[0], zk.exists(f"{run.root}/mine").ephemeralOwner, "owner of the ephemeral")
    equal(["mine"], zk.get_children(run.root), "what only the owner may see, its identity told again")
    raises(exceptions.NoAuthError, observer.get, run.root)


@check(control=True)
def reconnect_watches(run):
    zk, other = run.client(), run.client()
    zk.create(run.root, b"1")
    data, children, states = Recorder(), Recorder(), Recorder()
    zk.DataWatch(run.root, lambda value, stat: data(value))
    zk.ChildrenWatch(run.root, lambda names: children(sorted(names)))
    data.expect(b"1", "data at first")
    children.expect([], "children at first")
    lock = zk.Lock(f"{run.root}-lock")
    true(lock.acquire(timeout=PATIENCE), "a lock is taken")

    zk.add_listener(states)
    run.ask("refuse")
    run.ask(f"drop {zk.client_id[0]}")
    states.expect(KazooState.SUSPENDED, "state after a cut")
    other.set(run.root, b"2")
    other.create(f"{run.root}/child")
    true(not other.Lock(f"{run.root}-lock").acquire(blocking=False), "the lock is held while its holder is away")
    run.ask("accept")
    states.expect(KazooState.CONNECTED, "state after the reconnect")
    data.until(b"2", "a change made meanwhile")
    children.until(["child"], "a child created meanwhile")
    other.set(run.root, b"3")
    data.until(b"3", "a change after the reconnect")
    lock.release()
    true(other.Lock(f"{run.root}-lock").acquire(timeout=PATIENCE), "the lock is passed on")


@check(control=True)
def session_expiry(run):
    zk, observer = run.client(), run.client()
    zk.create(run.root)
    zk.create(f"{run.root}/mine", ephemeral=True)
    states, gone, data = Recorder(), Recorder(), Recorder()
    zk.DataWatch(f"{run.root}/mine", lambda value, stat: data(value))
    data.expect(b"", "data at first")
    observer.exists(f"{run.root}/mine", watch=gone.event)
    lock, heir = zk.Lock(f"{run.root}-lock"), observer.Lock(f"{run.root}-lock")
    true(lock.acquire(timeout=PATIENCE), "a lock is taken")
    waiting = background(heir.acquire, timeout=PATIENCE)
    children_become(observer, f"{run.root}-lock", 2, "another client queues")

    zk.add_listener(states)
    session = zk.client_id[0]
    run.ask(f"expire {session}")
    states.expect(KazooState.SUSPENDED, "state after the cut")
    states.expect(KazooState.LOST, "state when the session is known to be over")
    states.expect(KazooState.CONNECTED, "state with a new session")
    true(zk.client_id[0] not in (0, session), "the new session has a new id")
    gone.expect((EventType.DELETED, f"{run.root}/mine"), "the ephemeral's end as others see it")
    data.until(None, "the ephemeral's end as its owner sees it")
    true(result(waiting, "passing the lock on"), "the other client has the lock")
    zk.create(f"{run.root}/mine", b"again", ephemeral=True)
    equal(zk.client_id[0], observer.exists(f"{run.root}/mine").ephemeralOwner, "owner of the new ephemeral")
    data.until(b"again", "the new ephemeral as its owner sees it")


def main(arguments):
    if arguments == ["--list"]:
        for name, (_, control) in CHECKS.items():
            print(f"{name} control" if control else name)
        return 0
    if len(arguments) != 2 or arguments[1] not in CHECKS:
        print(__doc__, file=sys.stderr)
        return 2
    connect_string, name = arguments
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(threadName)s %(message)s")
    # A check that hangs tells where, and ends.
    faulthandler.dump_traceback_later(WATCHDOG, exit=True)
    run = Run(connect_string, name)
    try:
        CHECKS[name][0](run)
        run.close()
    except Exception as e:
        logging.exception("%s does not hold", name)
        print(f"{name}: {e if isinstance(e, Failed) else repr(e)}", flush=True)
        return 1
    print(f"{name}: holds", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
