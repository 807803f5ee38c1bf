"""Runs under the system's Python: an all-to-all between all hosts of a platform; prints the simulated seconds."""

import sys

from simgrid import Actor, Engine, Mailbox


def sender(source, names, size):
    comms = [Mailbox.by_name(f"{source}>{n}").put_async("x", size) for n in names if n != source]
    for comm in comms:
        comm.wait()


def receiver(target, names):
    comms = [Mailbox.by_name(f"{n}>{target}").get_async() for n in names if n != target]
    for comm in comms:
        comm[0].wait() if isinstance(comm, tuple) else comm.wait()


def main():
    engine = Engine(sys.argv)
    engine.load_platform(sys.argv[1])
    size = int(sys.argv[2])
    names = [h.name for h in engine.all_hosts]
    for host in engine.all_hosts:
        Actor.create("send", host, sender, host.name, names, size)
        Actor.create("receive", host, receiver, host.name, names)
    engine.run()
    print(f"simulated {engine.clock:.9f}")


main()
