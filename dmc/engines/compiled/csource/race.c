/* Data races: two threads that can both make conflicting accesses next. */
#include "expand.h"

static int conflict(const struct dmc_access *a, const struct dmc_access *b)
{
    return a->location == b->location && ((a->flags | b->flags) & DMC_WRITES) &&
           !(a->flags & b->flags & DMC_ATOMIC);
}

/* An access of another thread that conflicts with this one, among those of earlier threads. */
static int against(const struct dmc_model *m, const uint64_t *s, const struct dmc_thread *t,
                   const struct dmc_access *access, int64_t value, struct dmc_race *race)
{
    uint32_t point = dmc_point(s, t);

    for (uint32_t i = m->first_step[point]; i < m->first_step[point + 1]; i++) {
        const struct dmc_step *step = &m->step[i];

        if ((step->flags & DMC_SPURIOUS) || !dmc_enabled(step, s, t))
            continue;
        for (uint32_t k = 0; k < step->accesses; k++) {
            const struct dmc_access *its = &m->access[step->first_access + k];

            if ((its->flags & DMC_RACES) && conflict(its, access) && its->object(s, t) == value &&
                (value > 0 || !(its->flags & DMC_IS_OBJECT))) {
                race->first.thread = t->number;
                race->first.alternative = step->alternative;
                race->location = access->location;
                return 1;
            }
        }
    }
    return 0;
}

int dmc_may_race(const struct dmc_model *m, uint32_t point)
{
    for (uint32_t i = m->first_step[point]; i < m->first_step[point + 1]; i++) {
        const struct dmc_step *step = &m->step[i];

        for (uint32_t k = 0; k < step->accesses && !(step->flags & DMC_SPURIOUS); k++)
            if (m->access[step->first_access + k].flags & DMC_RACES)
                return 1;
    }
    return 0;
}

static int of_step(const struct dmc_model *m, const uint64_t *s, uint32_t thread, const struct dmc_step *step,
                   struct dmc_race *race)
{
    const struct dmc_thread *t = &m->thread[thread];

    for (uint32_t k = 0; k < step->accesses; k++) {
        const struct dmc_access *access = &m->access[step->first_access + k];
        int64_t value;

        if (!(access->flags & DMC_RACES))
            continue;
        value = access->object(s, t);
        if (value <= 0 && (access->flags & DMC_IS_OBJECT))
            continue;
        for (uint32_t other = 0; other < thread; other++)
            if (against(m, s, &m->thread[other], access, value, race)) {
                race->second.thread = t->number;
                race->second.alternative = step->alternative;
                return 1;
            }
    }
    return 0;
}

int dmc_find_race(const struct dmc_model *m, const uint8_t *may_race, const uint64_t *s,
                  struct dmc_race *race)
{
    int earlier = 0;

    for (uint32_t thread = 0; thread < m->threads; thread++) {
        uint32_t point = dmc_point(s, &m->thread[thread]);

        if (!may_race[point])
            continue;
        for (uint32_t i = m->first_step[point]; earlier && i < m->first_step[point + 1]; i++) {
            const struct dmc_step *step = &m->step[i];

            if (!(step->flags & DMC_SPURIOUS) && dmc_enabled(step, s, &m->thread[thread]) &&
                of_step(m, s, thread, step, race))
                return 1;
        }
        earlier = 1;
    }
    return 0;
}
