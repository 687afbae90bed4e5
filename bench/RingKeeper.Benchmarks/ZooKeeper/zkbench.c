/* Drives the C client of Apache ZooKeeper for the benchmark: one command a line on standard input, one answer a line on standard output.
 *
 *   seq OP COUNT          one call after the other, by the client's synchronous functions
 *   win OP COUNT WINDOW   so many calls outstanding, by its asynchronous functions; the next is issued from the completion of an earlier one
 *   watch COUNT           a second session sets, this one's watcher is timed; prints nanoseconds, one a watch
 *
 * OP is get, set, create or mixed (eight gets, a set and a create out of ten). The threads are the client's own; nothing spins. */
#define THREADED
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

static zhandle_t *handle, *other;
static char path[256], data[100];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int connected, started, done, total, failed, created;
static char kind;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void on_session(zhandle_t *zh, int type, int state, const char *p, void *context) {
    (void)zh; (void)p; (void)context;
    if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE) {
        pthread_mutex_lock(&lock);
        connected++;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&lock);
    }
}

static char op_of(int i) { return kind != 'm' ? kind : i % 10 == 3 ? 's' : i % 10 == 7 ? 'c' : 'g'; }

static void issue(void);

static void ended(int rc) {
    pthread_mutex_lock(&lock);
    if (rc != ZOK) failed++;
    done++;
    int more = started < total, last = done == total;
    if (more) started++;
    if (last) pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    if (more) issue();
}

static void on_data(int rc, const char *value, int length, const struct Stat *stat, const void *context) {
    (void)value; (void)length; (void)stat; (void)context;
    ended(rc);
}

static void on_stat(int rc, const struct Stat *stat, const void *context) {
    (void)stat; (void)context;
    ended(rc);
}

static void on_string(int rc, const char *value, const void *context) {
    (void)value; (void)context;
    ended(rc);
}

static void issue(void) {
    static int turn;
    char name[300];
    int rc;
    switch (op_of(__sync_fetch_and_add(&turn, 1))) {
    case 'g': rc = zoo_aget(handle, path, 0, on_data, NULL); break;
    case 's': rc = zoo_aset(handle, path, data, sizeof data, -1, on_stat, NULL); break;
    default:
        snprintf(name, sizeof name, "%s/c%d-%d", path, (int)getpid(), __sync_fetch_and_add(&created, 1));
        rc = zoo_acreate(handle, name, data, sizeof data, &ZOO_OPEN_ACL_UNSAFE, 0, on_string, NULL);
    }
    if (rc != ZOK) ended(rc);
}

static double window(char op, int count, int outstanding) {
    kind = op;
    started = done = 0;
    total = count;
    double start = now();
    for (int i = 0; i < outstanding; i++) {
        pthread_mutex_lock(&lock);
        int more = started < total;
        if (more) started++;
        pthread_mutex_unlock(&lock);
        if (more) issue();
    }
    pthread_mutex_lock(&lock);
    while (done < total) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return now() - start;
}

static double sequence(char op, int count) {
    kind = op;
    char buffer[200], name[300];
    struct Stat stat;
    double start = now();
    for (int i = 0; i < count; i++) {
        int length = sizeof buffer, rc;
        switch (op_of(i)) {
        case 'g': rc = zoo_get(handle, path, 0, buffer, &length, &stat); break;
        case 's': rc = zoo_set(handle, path, data, sizeof data, -1); break;
        default:
            snprintf(name, sizeof name, "%s/c%d-%d", path, (int)getpid(), __sync_fetch_and_add(&created, 1));
            rc = zoo_create(handle, name, data, sizeof data, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0);
        }
        if (rc != ZOK) failed++;
    }
    return now() - start;
}

static double fired;

static void on_change(zhandle_t *zh, int type, int state, const char *p, void *context) {
    (void)zh; (void)state; (void)p; (void)context;
    if (type == ZOO_SESSION_EVENT) return;
    pthread_mutex_lock(&lock);
    fired = now();
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_set(int rc, const struct Stat *stat, const void *context) {
    (void)stat; (void)context;
    if (rc != ZOK) __sync_fetch_and_add(&failed, 1);
}

static void watches(int count) {
    char buffer[200];
    struct Stat stat;
    for (int i = 0; i < count; i++) {
        int length = sizeof buffer;
        fired = 0;
        if (zoo_wget(handle, path, on_change, NULL, buffer, &length, &stat) != ZOK) failed++;
        double start = now();
        if (zoo_aset(other, path, data, sizeof data, -1, on_set, NULL) != ZOK) failed++;
        pthread_mutex_lock(&lock);
        while (fired == 0) pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        printf("%.0f ", (fired - start) * 1e9);
    }
    printf("\n");
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: zkbench HOST:PORT PATH\n");
        return 2;
    }
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    snprintf(path, sizeof path, "%s", argv[2]);
    memset(data, 'x', sizeof data);
    handle = zookeeper_init(argv[1], on_session, 30000, NULL, NULL, 0);
    other = zookeeper_init(argv[1], on_session, 30000, NULL, NULL, 0);
    pthread_mutex_lock(&lock);
    while (connected < 2) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    printf("ready\n");
    fflush(stdout);
    char line[200], op[20];
    int count, outstanding;
    while (fgets(line, sizeof line, stdin)) {
        failed = 0;
        if (sscanf(line, "seq %19s %d", op, &count) == 2) printf("%.9f %d\n", sequence(op[0], count), failed);
        else if (sscanf(line, "win %19s %d %d", op, &count, &outstanding) == 3) printf("%.9f %d\n", window(op[0], count, outstanding), failed);
        else if (sscanf(line, "watch %d", &count) == 1) watches(count);
        else return 2;
        fflush(stdout);
    }
    zookeeper_close(handle);
    zookeeper_close(other);
    return 0;
}
