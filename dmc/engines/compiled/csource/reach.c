#include "reach.h"

#include <stdlib.h>
#include <string.h>

uint64_t dmc_reach_bytes(const struct dmc_graph *graph)
{
    return dmc_hang_bytes(graph) + graph->edges.sources * 2;
}

/* Take up an obligation: nothing is known of any state. */
static int begin(struct dmc_reach *r)
{
    uint64_t states = r->graph->edges.sources;

    r->at = 0;
    r->passing = 0;
    if (r->obligation == r->model->obligations)
        return 1;
    if (!dmc_hang_open(&r->pass, r->graph))
        return 0;
    if (r->helped)
        r->pass.without = r->model->obligation[r->obligation].without;
    r->pass.ends = calloc(states + 1, 1);
    r->pass.owes = calloc(states + 1, 1);
    return r->pass.ends && r->pass.owes;
}

int dmc_reach_open(struct dmc_reach *r, const struct dmc_model *model, const struct dmc_graph *graph,
                   const struct dmc_set *visited)
{
    memset(r, 0, sizeof *r);
    r->model = model;
    r->graph = graph;
    r->visited = visited;
    r->missed = calloc((size_t)model->obligations + 1, sizeof *r->missed);
    r->state = calloc((size_t)model->words + 1, sizeof *r->state);
    return r->missed && r->state && begin(r);
}

void dmc_reach_close(struct dmc_reach *r)
{
    dmc_hang_close(&r->pass);
    for (uint32_t i = 0; r->missed && i < r->model->obligations; i++)
        free(r->missed[i].component);
    free(r->missed);
    free(r->state);
    free(r->helped);
    r->helped = NULL;
    r->missed = NULL;
    r->state = NULL;
}

/* Which states owe, and in which nothing is owed any more: the target holds, or the run can end. */
static void judge_states(struct dmc_reach *r, uint64_t budget)
{
    const struct dmc_model *m = r->model;
    const struct dmc_obligation *one = &m->obligation[r->obligation];
    const struct dmc_array *over = &r->graph->over;

    for (; r->at < r->graph->edges.sources && budget; r->at++, budget--) {
        dmc_set_key(r->visited, r->at, r->state);
        r->pass.ends[r->at] = one->target(r->state, m->thread) != 0;
        r->pass.owes[r->at] = one->when(r->state, m->thread) != 0;
        r->missed[r->obligation].tested |= r->pass.owes[r->at];
        if (one->without)
            r->pass.owes[r->at] &= r->helped && (r->helped[r->at >> 6] >> (r->at & 63) & 1);
    }
    if (r->at < r->graph->edges.sources)
        return;
    for (uint64_t i = 0; i < over->count; i++) {
        const struct dmc_over *end = dmc_item(over, i);

        if (!(r->pass.without >> end->party & 1))
            r->pass.ends[end->state] = 1;
    }
    r->passing = 1;
}

/* Keep what was reached with all parties, and go on without some. */
static int begin_again(struct dmc_reach *r)
{
    r->helped = r->pass.can_finish;
    r->pass.can_finish = NULL;
    dmc_hang_close(&r->pass);
    return begin(r);
}

static void keep(struct dmc_reach *r)
{
    struct dmc_missed *missed = &r->missed[r->obligation];

    missed->state = r->pass.hanging;
    missed->components = r->pass.components;
    missed->component = r->pass.component;
    missed->deadlock = (uint32_t)r->pass.deadlock;
    r->pass.component = NULL;
    dmc_hang_close(&r->pass);
    free(r->helped);
    r->helped = NULL;
    r->obligation++;
}

int dmc_reach_step(struct dmc_reach *r, uint64_t budget)
{
    int over;

    if (r->obligation == r->model->obligations)
        return 1;
    if (!r->passing) {
        judge_states(r, budget);
        return 0;
    }
    over = dmc_hang_step(&r->pass, budget);
    if (over <= 0)
        return over;
    if (r->model->obligation[r->obligation].without && !r->helped)
        return begin_again(r) ? 0 : -1;
    keep(r);
    return begin(r) ? r->obligation == r->model->obligations : -1;
}
