#include "search.h"

#include <stdlib.h>
#include <string.h>

#include "under_way.h"

uint32_t dmc_search_version(void)
{
    return DMC_SEARCH_VERSION;
}

static int end_leads(struct dmc_search *search)
{
    return dmc_leads_add(&search->leads, search->lead) && dmc_leads_begin(&search->leads);
}

static void go_over(struct dmc_search *search)
{
    if (!search->options.graph) {
        search->status = DMC_COMPLETE;
        return;
    }
    search->phase = search->by_leads ? DMC_LEADING : DMC_HANGING;
    if (dmc_bytes_used(search) + 2 * dmc_hang_bytes(&search->graph) > search->options.bytes)
        search->status = DMC_LIMIT_MEMORY;
    else if (!(search->by_leads ? end_leads(search) : dmc_edges_end(&search->graph.edges)) ||
             !dmc_hang_open(&search->hang, &search->graph))
        search->status = DMC_NO_MEMORY;
}

static void end_level(struct dmc_search *search)
{
    if (!dmc_arrive(search))
        return;
    if (search->phase == DMC_SEARCHING)
        search->depth++;
    search->phase = DMC_SEARCHING;
    search->level_end = search->visited.keys.count;
    search->level = search->level_end - search->next;
    if (!search->level)
        go_over(search);
    else if (search->depth == search->options.depth)
        search->status = DMC_LIMIT_DEPTH;
}

static void start(struct dmc_search *search)
{
    for (uint32_t i = 0; i < search->model->initials; i++)
        if (!dmc_start(&search->expander, i))
            return;
    end_level(search);
}

/* Go on in the level; what is left of the budget. */
static uint64_t search_on(struct dmc_search *search, uint64_t budget)
{
    for (; budget && search->next < search->level_end && !search->status && !search->interrupted; budget--) {
        uint64_t source = search->next++;

        if (!dmc_take_up(search, (uint32_t)source)) {
            if (!search->status && dmc_arrive(search))
                search->status = DMC_NO_MEMORY;
            return 0;
        }
    }
    if (search->status)
        return 0;
    if (search->next == search->level_end)
        end_level(search);
    else
        (void)dmc_arrive(search);
    return budget;
}

static void begin_owing(struct dmc_search *search)
{
    if (!search->model->obligations) {
        search->status = DMC_COMPLETE;
        return;
    }
    search->phase = DMC_OWING;
    dmc_hang_forget(&search->hang);
    if (dmc_bytes_used(search) + dmc_reach_bytes(&search->graph) > search->options.bytes)
        search->status = DMC_LIMIT_MEMORY;
    else if (!dmc_reach_open(&search->owed, search->model, &search->graph, &search->visited))
        search->status = DMC_NO_MEMORY;
}

static void hang_on(struct dmc_search *search, uint64_t budget)
{
    int over = dmc_hang_step(&search->hang, budget);

    if (over < 0)
        search->status = DMC_NO_MEMORY;
    else if (over)
        begin_owing(search);
}

/* Follow the leads, again when there are ways out of their circles, then see whether all is decided. */
static void lead_on(struct dmc_search *search, uint64_t budget)
{
    int over = search->leads.left ? dmc_leads_step(&search->leads, &search->hang, budget) : 1;

    if (over < 0)
        search->status = DMC_NO_MEMORY;
    if (over <= 0 || !dmc_leave_circles(search, budget))
        return;
    if (search->ways_out && search->rounds++ < DMC_ROUNDS) {
        search->circles = search->ways_out = 0;
        if (!dmc_leads_begin(&search->leads))
            search->status = DMC_NO_MEMORY;
        return;
    }
    dmc_leads_close(&search->leads);
    if (dmc_hang_nearest(&search->hang) < search->hang.states)
        search->phase = DMC_DECIDING;
    else
        begin_owing(search);
}

static void decide_on(struct dmc_search *search, uint64_t budget)
{
    if (dmc_decide_on(search, budget))
        search->phase = DMC_HANGING;
}

static void owe_on(struct dmc_search *search, uint64_t budget)
{
    int over = dmc_reach_step(&search->owed, budget);

    if (over < 0)
        search->status = DMC_NO_MEMORY;
    else if (over)
        search->status = DMC_COMPLETE;
}

uint32_t dmc_step(struct dmc_search *search, uint64_t budget)
{
    if (search->status)
        return search->status;
    if (search->interrupted)
        return search->status = DMC_INTERRUPTED;
    if (search->phase == DMC_STARTING) {
        start(search);
        return search->status;
    }
    while (budget && search->phase == DMC_SEARCHING && !search->status && !search->interrupted)
        budget = search_on(search, budget);
    if (!budget || search->status)
        return search->status;
    if (search->phase == DMC_LEADING)
        lead_on(search, budget);
    else if (search->phase == DMC_DECIDING)
        decide_on(search, budget);
    else if (search->phase == DMC_HANGING)
        hang_on(search, budget);
    else if (search->phase == DMC_OWING)
        owe_on(search, budget);
    return search->status;
}

void dmc_interrupt(struct dmc_search *search)
{
    search->interrupted = 1;
}

/* Whether there are accesses that could race. */
static int may_race(const struct dmc_expander *x)
{
    for (uint32_t point = 0; point < x->model->points; point++)
        if (x->may_race[point])
            return 1;
    return 0;
}

static int open_parts(struct dmc_search *search, const struct dmc_plan *plan)
{
    const struct dmc_model *m = search->model;

    dmc_array_open(&search->births, sizeof(uint32_t));
    dmc_graph_open(&search->graph, m->obligations != 0);
    search->by_leads = search->options.graph && !m->obligations;
    dmc_leads_open(&search->leads);
    search->lead = DMC_NOWHERE;
    search->budget = search->options.bytes;
    search->initial = calloc((size_t)m->initials + 1, sizeof *search->initial);
    search->wanted = calloc((size_t)m->words + 1, sizeof *search->wanted);
    if (!search->initial || !search->wanted || !dmc_set_open(&search->visited, m->words, m->bytes) ||
        !dmc_expander_open(&search->expander, m) || !dmc_judge_open(&search->judge, &search->expander))
        return 0;
    search->expander.batch.effects.covered = search->judge.covered;
    search->expander.renumber = search->options.renumber != 0;
    search->expander.racing = m->races != 0 && may_race(&search->expander);
    search->expander.visited = &search->visited;
    search->expander.full = dmc_arrive;
    search->expander.context = search;
    if (!plan)
        return 1;
    search->plan = *plan;
    search->expander.fusion = &search->fusion;
    search->expander.watching = 1;
    return dmc_fusion_open(&search->fusion, m, &search->plan, &search->expander.heap);
}

struct dmc_search *dmc_open(const struct dmc_model *model, const struct dmc_options *options)
{
    struct dmc_search *search;

    if (model->version != DMC_MODEL_VERSION || options->version != DMC_SEARCH_VERSION)
        return NULL;
    search = calloc(1, sizeof *search);
    if (!search)
        return NULL;
    search->model = model;
    search->options = *options;
    *model->broken = 0;
    if (!open_parts(search, options->plan)) {
        dmc_close(search);
        return NULL;
    }
    return search;
}

void dmc_close(struct dmc_search *search)
{
    dmc_hang_close(&search->hang);
    dmc_reach_close(&search->owed);
    if (search->expander.fusion)
        dmc_fusion_close(&search->fusion);
    if (search->judge.model)
        dmc_judge_close(&search->judge);
    if (search->expander.model)
        dmc_expander_close(&search->expander);
    dmc_set_close(&search->visited);
    dmc_array_close(&search->births);
    dmc_graph_close(&search->graph);
    dmc_leads_close(&search->leads);
    free(search->initial);
    free(search->wanted);
    free(search->steps);
    free(search);
}

void dmc_get_statistics(const struct dmc_search *search, struct dmc_statistics *out)
{
    memset(out, 0, sizeof *out);
    out->states = search->visited.keys.count;
    out->transitions = search->transitions;
    out->depth = search->depth;
    out->level = search->level;
    out->ends = search->ends;
    out->edges = search->graph.edges.count;
    out->bytes = dmc_bytes_used(search);
    out->hanging = search->hang.graph ? search->hang.hanging : UINT64_MAX;
    out->component = search->hang.components;
    out->deadlock = (uint32_t)search->hang.deadlock;
    out->broken = *search->model->broken;
    out->unprotected = search->unprotected;
    out->pairs = (uint32_t)search->judge.pairs;
}

const struct dmc_finding *dmc_get_finding(const struct dmc_search *search, uint32_t property)
{
    return &search->judge.finding[property];
}

const struct dmc_pair *dmc_get_pair(const struct dmc_search *search, uint32_t number)
{
    return &search->judge.pair[number];
}

const uint64_t *dmc_get_covered(const struct dmc_search *search)
{
    return search->judge.covered;
}

const uint64_t *dmc_get_outcomes(const struct dmc_search *search)
{
    return search->judge.outcomes;
}

const uint64_t *dmc_get_visits(const struct dmc_search *search)
{
    return search->judge.visits;
}

const uint32_t *dmc_get_component(const struct dmc_search *search)
{
    return search->hang.component;
}

const struct dmc_missed *dmc_get_missed(const struct dmc_search *search, uint32_t obligation)
{
    return &search->owed.missed[obligation];
}

void dmc_get_state(const struct dmc_search *search, uint32_t number, dmc_cell *cells)
{
    dmc_set_key(&search->visited, number, search->expander.now);
    for (uint32_t i = 0; i < search->model->cells; i++)
        cells[i] = dmc_get(&search->model->field[i], search->expander.now);
}
