/* The whole search on a model written by hand: two threads count to three and stop.
 *
 * Cells: 0 and 1 the points of the threads, 2 a counter that both raise up to LIMIT. A third step of the
 * first thread leads from LIMIT to a place that nobody leaves: it hangs, and it faults on the way. */
#include "search.h"

#define DMC_WORDS 1
#include "generated.h"

#include "expect.h"

enum { RUNS = 0, DONE = 1, STUCK = 2, LIMIT = 3 };

static const struct dmc_field fields[] = {{0, 0, 3, UINT64_MAX}, {2, 0, 3, UINT64_MAX}, {4, 0, 3, UINT64_MAX}};
static const uint32_t at[] = {0, 2, 4};

GUARD(may_raise)
{
    return GET(2, 3) < LIMIT;
}

GUARD(at_limit)
{
    return GET(2, 3) == LIMIT && t->number == 1;
}

BODY(raise)
{
    PUT(2, 3, GET(2, 3) + 1);
    if (dmc_uncovered(e, 0, 1))
        dmc_tell(e, 0);
    return 0;
}

BODY(stop)
{
    PUT(t->base, 3, DONE);
    return 0;
}

BODY(stick)
{
    dmc_tell(e, 1);
    dmc_tell(e, GET(2, 3));
    PUT(t->base, 3, STUCK);
    return 0;
}

STEPS(steps_of_both)
{
    if (dmc_point(s, t) == RUNS) {
        STEP(may_raise, 0, raise);
        STEP_ALWAYS(1, stop);
        STEP(at_limit, 2, stick);
    }
}

EXPRESSION(all_done)
{
    return GET(0, 3) == DONE && GET(1, 3) == DONE;
}

EXPRESSION(never_two)
{
    return GET(2, 3) != 2;
}

EXPRESSION(always)
{
    return 1;
}

EXPRESSION(above_limit)
{
    return GET(2, 3) > LIMIT;
}

static const struct dmc_thread threads[] = {{1, 0, 0, 0, 0, 0, 3}, {2, 1, 1, 0, 2, 0, 3}};
static dmc_successors *const successors[] = {steps_of_both, steps_of_both};
static const uint32_t first_step[] = {0, 3, 3, 3};
static const struct dmc_step steps[] = {
    {may_raise, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0, 1}, {at_limit, 2, 0, 0, 0, 0, 0}};
static const struct dmc_site sites[] = {{DMC_COVERS, 0, 0}, {DMC_VIOLATES, 0, 1}};
static const struct dmc_condition invariants[] = {{never_two, 1}};
/* `stop` is a step of party 1. */
static const struct dmc_obligation obligations[] = {
    {always, all_done, 0}, {always, all_done, 1u << 1}, {above_limit, all_done, 1u << 1}};
static const uint64_t initial[] = {0};
static const struct dmc_model model = {
    .version = DMC_MODEL_VERSION, .cells = 3, .words = 1, .bytes = 1, .effects = 2, .points = 3, .threads = 2, .steps = 3,
    .properties = 2, .covers = 1, .sites = 2, .initials = 1, .invariants = 1, 
    .ends = all_done, .field = fields, .thread = threads, .successors = successors, .first_step = first_step, .step = steps, .site = sites,
    .obligations = 3, .obligation = obligations, .invariant = invariants, .initial = initial, .broken = &dmc_broken,
};
static const struct dmc_options everything = {
    .version = DMC_SEARCH_VERSION, .graph = 1, .depth = UINT32_MAX, .states = UINT64_MAX, .bytes = UINT64_MAX};

static uint32_t run(struct dmc_search *search, uint64_t budget)
{
    uint32_t status;

    while ((status = dmc_step(search, budget)) == DMC_RUNNING)
        ;
    return status;
}

static void complete(uint64_t budget)
{
    struct dmc_search *search = dmc_open(&model, &everything);
    struct dmc_statistics found;
    struct dmc_choice path[16];
    uint32_t start;

    EXPECT(search && run(search, budget) == DMC_COMPLETE);
    dmc_get_statistics(search, &found);
    /* counter 0..3 x (runs, done) x (runs, done), and stuck at 3 x (runs, done) */
    EXPECT(found.states == 4 * 4 + 2);
    EXPECT(found.ends == 4);
    EXPECT(found.hanging != UINT64_MAX && found.component == 1 && found.deadlock);
    EXPECT(dmc_get_covered(search)[0] == 1);
    EXPECT(dmc_get_missed(search, 0)->tested && dmc_get_missed(search, 0)->state == found.hanging);
    EXPECT(dmc_get_missed(search, 0)->components == 1 && dmc_get_missed(search, 0)->deadlock);
    EXPECT(dmc_get_missed(search, 1)->state == 0 && dmc_get_missed(search, 1)->components == 1);
    EXPECT(!dmc_get_missed(search, 2)->tested && dmc_get_missed(search, 2)->state == UINT64_MAX);
    EXPECT(dmc_get_finding(search, 0)->choices == 1 && dmc_get_finding(search, 0)->value[0] == LIMIT);
    EXPECT(dmc_get_finding(search, 1)->found && dmc_get_finding(search, 1)->choice[0].thread == 1);
    EXPECT(dmc_get_path(search, (uint32_t)found.hanging, path, 16, &start) == 4);
    EXPECT(start == 0 && path[3].thread == 1 && path[3].alternative == 2);
    EXPECT(dmc_get_path(search, (uint32_t)found.hanging, path, 1, &start) == 4);
    dmc_close(search);
}

static void limited(struct dmc_options options, uint32_t status, uint64_t states)
{
    struct dmc_search *search = dmc_open(&model, &options);
    struct dmc_statistics found;

    EXPECT(search && run(search, 1000) == status);
    EXPECT(dmc_step(search, 1) == status);
    dmc_get_statistics(search, &found);
    EXPECT(states == 0 || found.states == states);
    dmc_close(search);
}

static void interrupted(void)
{
    struct dmc_search *search = dmc_open(&model, &everything);

    EXPECT(dmc_step(search, 1) == DMC_RUNNING);
    dmc_interrupt(search);
    EXPECT(run(search, 1) == DMC_INTERRUPTED);
    dmc_close(search);
}

int main(void)
{
    struct dmc_options options = everything;

    for (uint64_t budget = 1; budget < 100; budget *= 3)
        complete(budget);
    options.states = 5;
    limited(options, DMC_LIMIT_STATES, 5);
    options = everything;
    options.depth = 1;
    limited(options, DMC_LIMIT_DEPTH, 4);
    options = everything;
    options.bytes = 100;
    limited(options, DMC_LIMIT_MEMORY, 0);
    options = everything;
    options.version++;
    EXPECT(!dmc_open(&model, &options));
    interrupted();
    return 0;
}
