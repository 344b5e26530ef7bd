#include "fusion.h"

#include <stdlib.h>
#include <string.h>

/* Bits of protections; the named ones of a location follow. */
#define EXCLUSIVE ((uint64_t)1)
#define UNWRITTEN ((uint64_t)2)
#define FIRST_NAMED 2u

static int is_watched(const struct dmc_fusion *f, const struct dmc_access *access, uint32_t lifetime)
{
    return !f->plan->ignored[access->location] && (access->flags & DMC_LIFETIME) == lifetime;
}

static void find_ending(struct dmc_fusion *f)
{
    const struct dmc_model *m = f->model;

    for (uint32_t point = 0; point < m->points; point++)
        for (uint32_t i = m->first_step[point]; i < m->first_step[point + 1]; i++)
            for (uint32_t k = 0; k < m->step[i].accesses; k++) {
                const struct dmc_access *access = &m->access[m->step[i].first_access + k];

                if (is_watched(f, access, DMC_LIFETIME) && (access->flags & DMC_WRITES))
                    f->ending[point] = 1;
            }
}

static int open_pool(struct dmc_pool_watch *watch, uint32_t pool, uint32_t threads)
{
    watch->pool = pool;
    watch->at_test = calloc(threads + 1, sizeof *watch->at_test);
    watch->slack = calloc(threads + 1, sizeof *watch->slack);
    watch->low = calloc(threads + 1, sizeof *watch->low);
    watch->high = calloc(threads + 1, sizeof *watch->high);
    if (!watch->at_test || !watch->slack || !watch->low || !watch->high)
        return 0;
    for (uint32_t t = 0; t <= threads; t++)
        watch->at_test[t] = -1;
    return 1;
}

int dmc_fusion_open(struct dmc_fusion *f, const struct dmc_model *model, const struct dmc_plan *plan,
                    struct dmc_heap *heap)
{
    memset(f, 0, sizeof *f);
    f->model = model;
    f->plan = plan;
    f->heap = heap;
    f->held = calloc(model->locations + 1, sizeof *f->held);
    f->known = calloc(model->locations + 1, sizeof *f->known);
    f->ending = calloc(model->points + 1, sizeof *f->ending);
    f->pool = calloc(plan->watched_pools + 1, sizeof *f->pool);
    if (!f->held || !f->known || !f->ending || !f->pool)
        return 0;
    for (uint32_t i = 0; i < plan->watched_pools; i++)
        if (!open_pool(&f->pool[i], plan->watched_pool[i], model->threads))
            return 0;
    find_ending(f);
    return 1;
}

void dmc_fusion_close(struct dmc_fusion *f)
{
    for (uint32_t i = 0; f->pool && i < f->plan->watched_pools; i++) {
        free(f->pool[i].at_test);
        free(f->pool[i].slack);
        free(f->pool[i].low);
        free(f->pool[i].high);
    }
    free(f->held);
    free(f->known);
    free(f->ending);
    free(f->pool);
}

static int in_tail(const struct dmc_fusion *f, uint32_t location, const uint64_t *s,
                   const struct dmc_thread *t)
{
    const struct dmc_model *m = f->model;

    for (uint32_t i = 0; i < m->threads; i++) {
        uint64_t point = dmc_point(s, &m->thread[i]);
        const uint64_t *tail = f->plan->tails + point * f->plan->tail_words;

        if (&m->thread[i] != t && tail[location >> 6] >> (location & 63) & 1)
            return 1;
    }
    return 0;
}

/* Which of the protections hold at the access. */
static uint64_t holding(struct dmc_fusion *f, const struct dmc_access *access, uint64_t before, int64_t value,
                        const uint64_t *s, const struct dmc_thread *t)
{
    uint64_t after = 0, changes = access->flags & DMC_CHANGES;

    if ((before & UNWRITTEN) && !changes)
        after |= UNWRITTEN;
    if ((before & EXCLUSIVE) || ((before & UNWRITTEN) && changes)) {
        int exclusive = (access->flags & DMC_IS_OBJECT) &&
                        !dmc_heap_shared(f->heap, s, t, access->pool, value);

        if (exclusive)
            after |= before & EXCLUSIVE;
        if (exclusive && changes && !in_tail(f, access->location, s, t))
            after |= before & UNWRITTEN;
    }
    for (uint32_t i = 0; i < access->protections; i++) {
        const struct dmc_protection *named = &f->model->protection[access->first_protection + i];
        uint64_t bit = (uint64_t)1 << (FIRST_NAMED + named->name);

        if ((before & bit) && named->holds(s, t))
            after |= bit;
    }
    return after;
}

static uint64_t all_of(const struct dmc_fusion *f, const struct dmc_access *access)
{
    uint64_t all = EXCLUSIVE | UNWRITTEN;

    for (uint32_t i = 0; i < access->protections; i++)
        all |= (uint64_t)1 << (FIRST_NAMED + f->model->protection[access->first_protection + i].name);
    return all;
}

uint32_t dmc_fusion_witness(struct dmc_fusion *f, const uint64_t *s, const struct dmc_thread *t,
                            const struct dmc_step *step)
{
    for (uint32_t k = 0; k < step->accesses; k++) {
        const struct dmc_access *access = &f->model->access[step->first_access + k];
        int64_t value;

        if (!is_watched(f, access, 0))
            continue;
        value = access->object(s, t);
        if (value <= 0 && (access->flags & DMC_IS_OBJECT))
            continue;
        if (!f->known[access->location]) {
            f->known[access->location] = 1;
            f->held[access->location] = all_of(f, access);
        }
        f->held[access->location] = holding(f, access, f->held[access->location], value, s, t);
        if (!f->held[access->location])
            return access->location;
    }
    return DMC_PROTECTED;
}

void dmc_fusion_begin(struct dmc_fusion *f, const uint64_t *s)
{
    for (uint32_t i = 0; i < f->plan->watched_pools; i++) {
        struct dmc_pool_watch *watch = &f->pool[i];

        watch->before = dmc_heap_used(f->model, s, watch->pool);
        for (uint32_t t = 0; t <= f->model->threads; t++)
            watch->low[t] = watch->high[t] = watch->before;
    }
}

/* No test can find the pool full: the number of objects there and the slack of all others are below its
 * size. */
static int never_full(const struct dmc_fusion *f, const struct dmc_pool_watch *watch)
{
    int64_t total = 0;

    for (uint32_t t = 0; t <= f->model->threads; t++)
        total += watch->slack[t];
    for (uint32_t t = 0; t <= f->model->threads; t++)
        if (watch->at_test[t] >= 0 &&
            watch->at_test[t] + total - watch->slack[t] >= (int64_t)f->model->pool[watch->pool].size)
            return 0;
    return 1;
}

uint32_t dmc_fusion_taken(struct dmc_fusion *f, const uint64_t *s, const struct dmc_thread *t,
                          const struct dmc_step *step, const uint64_t *after)
{
    for (uint32_t i = 0; i < f->plan->watched_pools; i++) {
        struct dmc_pool_watch *watch = &f->pool[i];
        int64_t used = dmc_heap_used(f->model, after, watch->pool), *low = &watch->low[t->number],
                *high = &watch->high[t->number];
        int changed;

        *low = used < *low ? used : *low;
        *high = used > *high ? used : *high;
        changed = *high - *low > watch->slack[t->number];
        if (changed)
            watch->slack[t->number] = *high - *low;
        if (step->asks_full >> watch->pool & 1) {
            used = dmc_heap_used(f->model, s, watch->pool);
            if (used > watch->at_test[t->number]) {
                changed = 1;
                watch->at_test[t->number] = used;
            }
        }
        if (changed && !never_full(f, watch))
            return f->model->locations + watch->pool;
    }
    return DMC_PROTECTED;
}

/* Whether another thread may use next what this one may end next. */
static int used_by_other(const struct dmc_fusion *f, const uint64_t *s, const struct dmc_thread *t,
                         uint32_t location, int64_t value)
{
    const struct dmc_model *m = f->model;

    for (uint32_t o = 0; o < m->threads; o++) {
        const struct dmc_thread *other = &m->thread[o];
        uint32_t point = dmc_point(s, other);

        for (uint32_t i = m->first_step[point]; other != t && i < m->first_step[point + 1]; i++)
            for (uint32_t k = 0; k < m->step[i].accesses; k++) {
                const struct dmc_access *access = &m->access[m->step[i].first_access + k];

                if (access->location == location && is_watched(f, access, DMC_LIFETIME) &&
                    access->object(s, other) == value)
                    return 1;
            }
    }
    return 0;
}

static uint32_t watch_end(const struct dmc_fusion *f, const uint64_t *s, const struct dmc_thread *t,
                          const struct dmc_step *step)
{
    for (uint32_t k = 0; k < step->accesses; k++) {
        const struct dmc_access *access = &f->model->access[step->first_access + k];

        if (is_watched(f, access, DMC_LIFETIME) && (access->flags & DMC_WRITES) &&
            (in_tail(f, access->location, s, t) ||
             used_by_other(f, s, t, access->location, access->object(s, t))))
            return access->location;
    }
    return DMC_PROTECTED;
}

uint32_t dmc_fusion_watch(struct dmc_fusion *f, const uint64_t *s)
{
    const struct dmc_model *m = f->model;

    for (uint32_t i = 0; i < m->threads; i++) {
        const struct dmc_thread *t = &m->thread[i];
        uint32_t point = dmc_point(s, t);

        for (uint32_t k = m->first_step[point]; f->ending[point] && k < m->first_step[point + 1]; k++) {
            uint32_t found = watch_end(f, s, t, &m->step[k]);

            if (found != DMC_PROTECTED)
                return found;
        }
    }
    return DMC_PROTECTED;
}
