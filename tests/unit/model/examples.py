"""Models without mistakes, which the tests take apart."""

from __future__ import annotations

BARRIER = """\
runtime       = R12B..;
async_threads = 1..3;
locking       = port, driver;

axis barrier { key_null, key_same, one_per_thread };

driver bdb {
    struct Port {
        ErlDrvPort   port;
        ErlDrvMutex *mtx;
        ErlDrvCond  *cnd;
        int          pending = 0;
    };
    struct Txn     { Port *owner; };
    struct Barrier { Port *owner; };

    Port *start(ErlDrvPort port) {
        Port *d = driver_alloc(sizeof(Port));
        d->port = port;
        d->mtx = erl_drv_mutex_create("bdb");
        d->cnd = erl_drv_cond_create("bdb");
        return d;
    }

    void output(Port *d, char *buf, ErlDrvSizeT len) {
        Txn *t = driver_alloc(sizeof(Txn));
        unsigned key = 1;
        t->owner = d;
        driver_async(d->port, barrier == key_same ? &key : NULL, run, t, driver_free);
    }

    void run(Txn *t) { reads(t->owner->port); }

    void arrive(Barrier *b) {
        Port *d = b->owner;
        erl_drv_mutex_lock(d->mtx);
        d->pending--;
        erl_drv_cond_signal(d->cnd);
        erl_drv_mutex_unlock(d->mtx);
    }

    void stop(Port *d) {
        ErlDrvSysInfo info;
        driver_system_info(&info, sizeof(ErlDrvSysInfo));
        int count = barrier == one_per_thread ? info.async_threads : 1;

        d->pending = count;
        for (int i = 0; i < count; i++) {
            Barrier *b = driver_alloc(sizeof(Barrier));
            unsigned key = barrier == one_per_thread ? i : 1;
            b->owner = d;
            driver_async(d->port, barrier == key_null ? NULL : &key, arrive, b, driver_free);
        }
        erl_drv_mutex_lock(d->mtx);
        while (d->pending > 0) erl_drv_cond_wait(d->cnd, d->mtx);
        erl_drv_mutex_unlock(d->mtx);
        erl_drv_mutex_destroy(d->mtx);
        erl_drv_cond_destroy(d->cnd);
        driver_free(d);
    }
}

scenario two_commands_then_close {
    process owner {
        port p = open_port(bdb);
        upto 2 port_command(p, bytes(1));
        port_close(p);
    }
}

expect {
    MEM001 violated in run when barrier == key_null && async_threads > 1;
    MEM003, ASY001 violated on R12B;
    LCK004 violated on r12smp, r13smp when barrier != key_null || async_threads < 3;
}
"""

LEFT_BEHIND = """\
runtime       = R12B..;
async_threads = 1..2;

axis job_uses { drv_data, own_copy };

driver left_behind {
    driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;

    struct Port { ErlDrvPort port; int limit; };
    struct Txn  { Port *owner; int limit; };

    Port *start(ErlDrvPort port) {
        Port *d = driver_alloc(sizeof(Port));
        d->port = port;
        d->limit = 3;
        return d;
    }

    void output(Port *d, char *buf, ErlDrvSizeT len) {
        Txn *t = driver_alloc(sizeof(Txn));
        t->owner = d;
        t->limit = d->limit;
        driver_async(d->port, NULL, run, t, discard);
    }

    void run(Txn *t) {
        if (job_uses == drv_data) reads(t->owner->limit);
        else                      reads(t->limit);
    }

    void ready_async(Port *d, Txn *t) { driver_free(t); }
    void discard(Txn *t)              { driver_free(t); }
    void stop(Port *d)                { driver_free(d); }
}

scenario commands_then_close {
    process owner {
        port p = open_port(left_behind);
        upto 2 port_command(p, bytes(1));
        port_close(p);
    }
}

scenario owner_dies {
    process owner {
        port p = open_port(left_behind);
        upto 2 port_command(p, bytes(1));
        exit(choose(normal, kill));
    }
}

reachable job_outlives_port: exists (job j, port p) j.port == p && j.state == running && p.state == dead;

expect {
    MEM001 violated in run when job_uses == drv_data;
    MEM003, ASY001 violated on R12B;
}
"""

CANCEL = """\
runtime       = R13B, R14B03, R15B, R16B;
async_threads = 1;

axis after_cancel { free_at_once, hand_over };

driver canceller {
    driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;

    struct Port {
        ErlDrvPort port;
        long       id[2];
        int        jobs in 0..2 = 0;
        atomic int refs = 1;
    };
    struct Txn { Port *owner; };

    Port *start(ErlDrvPort port) {
        Port *d = driver_alloc(sizeof(Port));
        d->port = port;
        return d;
    }

    void output(Port *d, char *buf, ErlDrvSizeT len) {
        Txn *t = driver_alloc(sizeof(Txn));
        t->owner = d;
        d->refs++;
        d->id[d->jobs] = driver_async(d->port, NULL, run, t, finish_txn);
        d->jobs++;
    }

    void run(Txn *t)                  { reads(t->owner->port); }
    void ready_async(Port *d, Txn *t) { finish_txn(t); }

    void finish_txn(Txn *t) {
        if (after_cancel == hand_over) unref(t->owner);
        driver_free(t);
    }

    void unref(Port *d) {
        if (atomic_fetch_sub(&d->refs, 1) == 1) driver_free(d);
    }

    void stop(Port *d) {
        for (int i = 0; i < d->jobs; i++) driver_async_cancel(d->id[i]);
        if (after_cancel == hand_over) unref(d);
        else                           driver_free(d);
    }
}

scenario two_jobs_then_close {
    process owner {
        port p = open_port(canceller);
        upto 2 port_command(p, bytes(1));
        port_close(p);
    }
}

expect {
    MEM001 violated in run when after_cancel == free_at_once;
    HNG001 violated in stop on R13B;
}
"""

LOST_WAKEUP = """\
axis fixed: bool;

atomic int  queued = 0;
atomic bool marker = false;
atomic bool wake   = false;

scenario two_elements {
    thread producer[2] {
        queued++;
        if (fixed || !marker) wake = true;
    }

    thread consumer {
        while (true) {
            if (queued > 0) { queued--; continue; }
            marker = true;
            if (fixed && queued > 0) { marker = false; continue; }
            await (wake);
            wake   = false;
            marker = false;
        }
    }

    quiescent when queued == 0;
}

expect {
    HNG001 violated in consumer when !fixed;
}
"""

HANDOVER = """\
atomic int holder = 0;

scenario handover {
    thread contender[2] {
        atomic { await (holder == 0); holder = 1; }
        reachable inside;
        assert(holder == 1, "someone else let go of it");
        holder = 0;
    }
}
"""

REFCOUNT = """\
struct Shared { atomic int refs = 1; };

void retain(Shared *s) { s->refs++; }

bool release(Shared *s) {
    return atomic_fetch_sub(&s->refs, 1) == 1;
}
"""

COUNTED = """\
import "refcount.dmc";

driver counted {
    struct Port { ErlDrvPort port; Shared *shared; };

    Port *start(ErlDrvPort port) {
        Port *d = driver_alloc(sizeof(Port));
        d->port = port;
        d->shared = driver_alloc(sizeof(Shared));
        retain(d->shared);
        return d;
    }

    void stop(Port *d) {
        if (release(d->shared)) driver_free(d->shared);
        driver_free(d);
    }
}

scenario killed_by_a_rival {
    process owner {
        port p = open_port(counted);
        spawn rival { exit(p, choose(normal, kill)); }
        any_order {
            upto 2 port_command(p, bytes(1));
            exit(rival, shutdown);
        }
        either { port_close(p); } or { exit(shutdown); }
    }
}
"""

ALL = {
    "barrier": BARRIER,
    "left_behind": LEFT_BEHIND,
    "cancel": CANCEL,
    "lost_wakeup": LOST_WAKEUP,
    "handover": HANDOVER,
    "refcount": REFCOUNT,
    "counted": COUNTED,
}
IMPORTS = {"refcount.dmc": REFCOUNT}
