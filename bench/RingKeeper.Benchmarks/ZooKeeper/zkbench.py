"""Drives kazoo for the benchmark; the commands and answers are those of zkbench.c."""
import os
import sys
import threading
import time

from kazoo.client import KazooClient


class Driver:
    def __init__(self, hosts, path):
        self.client, self.other = KazooClient(hosts, timeout=30), KazooClient(hosts, timeout=30)
        self.client.start()
        self.other.start()
        self.path, self.data, self.created, self.failed = path, b"x" * 100, 0, 0

    def kind(self, op, i):
        return op if op != "mixed" else "set" if i % 10 == 3 else "create" if i % 10 == 7 else "get"

    def name(self):
        self.created += 1
        return f"{self.path}/k{os.getpid()}-{self.created}"

    def sequence(self, op, count):
        start = time.monotonic()
        for i in range(count):
            kind = self.kind(op, i)
            if kind == "get":
                self.client.get(self.path)
            elif kind == "set":
                self.client.set(self.path, self.data)
            else:
                self.client.create(self.name(), self.data)
        return time.monotonic() - start

    def window(self, op, count, outstanding):
        free, finished, left, lock = threading.Semaphore(outstanding), threading.Event(), [count], threading.Lock()

        def ended(result):
            with lock:
                if not result.successful():
                    self.failed += 1
                left[0] -= 1
                if left[0] == 0:
                    finished.set()
            free.release()

        start = time.monotonic()
        for i in range(count):
            free.acquire()
            kind = self.kind(op, i)
            if kind == "get":
                result = self.client.get_async(self.path)
            elif kind == "set":
                result = self.client.set_async(self.path, self.data)
            else:
                result = self.client.create_async(self.name(), self.data)
            result.rawlink(ended)
        finished.wait()
        return time.monotonic() - start

    def watches(self, count):
        times = []
        for _ in range(count):
            fired, moment = threading.Event(), [0]

            def change(event):
                moment[0] = time.monotonic_ns()
                fired.set()

            self.client.get(self.path, watch=change)
            start = time.monotonic_ns()
            self.other.set_async(self.path, self.data)
            fired.wait()
            times.append(moment[0] - start)
        return times


driver = Driver(sys.argv[1], sys.argv[2])
print("ready", flush=True)
for line in sys.stdin:
    driver.failed = 0
    match line.split():
        case ["seq", op, count]:
            print(f"{driver.sequence(op, int(count)):.9f} {driver.failed}", flush=True)
        case ["win", op, count, outstanding]:
            print(f"{driver.window(op, int(count), int(outstanding)):.9f} {driver.failed}", flush=True)
        case ["watch", count]:
            print(*driver.watches(int(count)), flush=True)
        case _:
            sys.exit(2)
