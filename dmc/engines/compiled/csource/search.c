#include "search.h"

#include <stdlib.h>
#include <string.h>

#include "expand.h"
#include "graph.h"
#include "judge.h"
#include "reach.h"

/* States are numbered as they are reached, and taken up in that order: who reached one first is found again
 * among the sources of one block. */
#define BLOCK 64u

enum phase { STARTING, SEARCHING, HANGING, OWING, OVER };

/* A search under way. `status` is what ended it. */
struct dmc_search {
    const struct dmc_model *model;
    struct dmc_options options;
    struct dmc_plan plan;
    struct dmc_expander expander;
    struct dmc_fusion fusion;
    struct dmc_judge judge;
    struct dmc_set visited;
    struct dmc_array births; /* by block of sources: how many states there were when it was begun */
    struct dmc_graph graph;
    struct dmc_hang hang;
    struct dmc_reach owed;
    uint32_t *initial; /* by state, for the first ones: which of the initial states it is */
    uint32_t starts;   /* how many those are */
    enum phase phase;
    uint32_t status, unprotected;
    volatile uint32_t interrupted;
    uint64_t next, level_end, level, depth;
    uint64_t transitions, ends;
    uint64_t *wanted; /* while a path is looked for: the state to be reached */
    struct dmc_choice *steps;
    uint64_t step_count, step_room;
    int path_found;
};

uint32_t dmc_search_version(void)
{
    return DMC_SEARCH_VERSION;
}

static uint64_t bytes_used(const struct dmc_search *search)
{
    return dmc_set_bytes(&search->visited) + dmc_array_bytes(&search->births) +
           dmc_graph_bytes(&search->graph);
}

static int stop(struct dmc_search *search, uint32_t status)
{
    search->status = status;
    return 0;
}

/* A step that ends the run, and whose it is; for obligations alone. */
static int note_over(struct dmc_search *search, const struct dmc_event *event)
{
    struct dmc_array *all = &search->graph.over;
    struct dmc_over *over = all->count ? dmc_item(all, all->count - 1) : NULL;

    if (!search->model->obligations || (over && over->state == event->source && over->party == event->party))
        return 1;
    if (!(over = dmc_array_add(all)))
        return stop(search, DMC_NO_MEMORY);
    over->state = event->source;
    over->party = event->party;
    return 1;
}

/* What may be left for the visited set: the rest of the budget. */
static uint64_t set_budget(const struct dmc_search *search)
{
    uint64_t others = bytes_used(search) - dmc_set_bytes(&search->visited);

    return others > search->options.bytes ? 0 : search->options.bytes - others;
}

static int watch(struct dmc_search *search, const uint64_t *s)
{
    uint32_t found = search->expander.fusion ? dmc_fusion_watch(&search->fusion, s) : DMC_PROTECTED;

    if (found == DMC_PROTECTED)
        return 1;
    search->unprotected = found;
    return stop(search, DMC_UNPROTECTED);
}

static int see(struct dmc_search *search, const struct dmc_event *event, int *is_end)
{
    const uint64_t *s = dmc_state(&search->expander, event);

    if (!watch(search, s))
        return 0;
    return dmc_judge_state(&search->judge, event, s, is_end) || stop(search, DMC_NO_MEMORY);
}

/* Add the event's state, which is new. Its number goes to `number`. */
static int add(struct dmc_search *search, struct dmc_event *event, uint32_t *number)
{
    int is_end = 0;

    if (search->visited.keys.count >= search->options.states)
        return stop(search, DMC_LIMIT_STATES);
    *number = dmc_set_add(&search->visited, dmc_state(&search->expander, event), event->hash,
                          set_budget(search));
    if (*number == DMC_NONE)
        return stop(search, DMC_LIMIT_MEMORY);
    if (event->flags & DMC_STARTS) {
        search->initial[*number] = event->source;
        search->starts = *number + 1;
        event->source = *number;
    }
    if (!dmc_graph_add(&search->graph, *number))
        return stop(search, DMC_NO_MEMORY);
    dmc_judge_visit(&search->judge, dmc_state(&search->expander, event));
    if (!see(search, event, &is_end))
        return 0;
    if (is_end) {
        dmc_graph_finish(&search->graph, *number);
        search->ends++;
    }
    return 1;
}

static int reach(struct dmc_search *search, struct dmc_event *event)
{
    uint32_t number = dmc_set_find(&search->visited, dmc_state(&search->expander, event), event->hash);

    if (number == DMC_NONE && !add(search, event, &number))
        return 0;
    if ((event->flags & DMC_IS_EDGE) && search->options.graph)
        if (!dmc_edges_add(&search->graph.edges, number, event->party))
            return stop(search, DMC_NO_MEMORY);
    return 1;
}

static int begin(struct dmc_search *search, uint32_t source)
{
    if (bytes_used(search) > search->options.bytes)
        return stop(search, DMC_LIMIT_MEMORY);
    if (source % BLOCK == 0 && !dmc_add_number(&search->births, (uint32_t)search->visited.keys.count))
        return stop(search, DMC_NO_MEMORY);
    if (search->options.graph && !dmc_edges_begin(&search->graph.edges))
        return stop(search, DMC_NO_MEMORY);
    return 1;
}

static int process(struct dmc_search *search, struct dmc_event *event)
{
    int is_end = 0;

    if (event->flags & DMC_BREAKS) {
        search->unprotected = event->outcome;
        return stop(search, DMC_UNPROTECTED);
    }
    if ((event->flags & DMC_BEGINS) && !begin(search, event->source))
        return 0;
    search->transitions += (event->flags & DMC_COUNTS) != 0;
    if (!dmc_judge_event(&search->judge, event))
        return stop(search, DMC_NO_MEMORY);
    if (event->flags & DMC_ENDS_RUN) {
        dmc_graph_finish(&search->graph, event->source);
        if (search->options.graph && !note_over(search, event))
            return 0;
    }
    if ((event->flags & DMC_PASSES) && !see(search, event, &is_end))
        return 0;
    if (is_end)
        dmc_graph_finish(&search->graph, event->source);
    return !(event->flags & DMC_REACHES) || reach(search, event);
}

static void empty(struct dmc_expander *x)
{
    x->batch.events = x->batch.effects.count = 0;
}

/* The events take effect, in their order; what they will look up is fetched ahead. */
static int flush(void *context)
{
    struct dmc_search *search = context;
    struct dmc_expander *x = &search->expander;

    for (uint32_t i = 0; i < x->batch.events; i++)
        if (x->batch.event[i].flags & DMC_REACHES)
            dmc_set_prefetch_slot(&search->visited, x->batch.event[i].hash);
    for (uint32_t i = 0; i < x->batch.events; i++)
        if (x->batch.event[i].flags & DMC_REACHES)
            dmc_set_prefetch_key(&search->visited, x->batch.event[i].hash);
    for (uint32_t i = 0; i < x->batch.events && !search->status; i++)
        (void)process(search, &x->batch.event[i]);
    if (!search->status && *search->model->broken)
        search->status = DMC_BROKEN;
    empty(x);
    return !search->status;
}

static void go_over(struct dmc_search *search)
{
    if (!search->options.graph) {
        search->phase = OVER;
        search->status = DMC_COMPLETE;
        return;
    }
    search->phase = HANGING;
    if (!dmc_edges_end(&search->graph.edges))
        search->status = DMC_NO_MEMORY;
    else if (bytes_used(search) + dmc_hang_bytes(&search->graph) > search->options.bytes)
        search->status = DMC_LIMIT_MEMORY;
    else if (!dmc_hang_open(&search->hang, &search->graph))
        search->status = DMC_NO_MEMORY;
}

static void end_level(struct dmc_search *search)
{
    if (!flush(search))
        return;
    if (search->phase == SEARCHING)
        search->depth++;
    search->phase = SEARCHING;
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

static int expand(struct dmc_search *search, uint32_t source)
{
    dmc_set_key(&search->visited, source, search->expander.now);
    return dmc_expand(&search->expander, source);
}

/* Go on in the level; what is left of the budget. */
static uint64_t search_on(struct dmc_search *search, uint64_t budget)
{
    for (; budget && search->next < search->level_end && !search->status && !search->interrupted; budget--) {
        uint64_t source = search->next++;

        if (!expand(search, (uint32_t)source)) {
            if (!search->status && flush(search))
                search->status = DMC_NO_MEMORY;
            return 0;
        }
    }
    if (search->status)
        return 0;
    if (search->next == search->level_end)
        end_level(search);
    else
        (void)flush(search);
    return budget;
}

static void begin_owing(struct dmc_search *search)
{
    if (!search->model->obligations) {
        search->status = DMC_COMPLETE;
        return;
    }
    search->phase = OWING;
    dmc_hang_forget(&search->hang);
    if (bytes_used(search) + dmc_reach_bytes(&search->graph) > search->options.bytes)
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
    if (search->phase == STARTING) {
        start(search);
        return search->status;
    }
    while (budget && search->phase == SEARCHING && !search->status && !search->interrupted)
        budget = search_on(search, budget);
    if (budget && search->phase == HANGING && !search->status)
        hang_on(search, budget);
    else if (budget && search->phase == OWING && !search->status)
        owe_on(search, budget);
    return search->status;
}

void dmc_interrupt(struct dmc_search *search)
{
    search->interrupted = 1;
}

static int open_parts(struct dmc_search *search, const struct dmc_plan *plan)
{
    const struct dmc_model *m = search->model;

    dmc_array_open(&search->births, sizeof(uint32_t));
    dmc_graph_open(&search->graph, m->obligations != 0);
    search->initial = calloc((size_t)m->initials + 1, sizeof *search->initial);
    search->wanted = calloc((size_t)m->words + 1, sizeof *search->wanted);
    if (!search->initial || !search->wanted || !dmc_set_open(&search->visited, m->words, m->bytes) ||
        !dmc_expander_open(&search->expander, m) || !dmc_judge_open(&search->judge, &search->expander))
        return 0;
    search->expander.batch.effects.covered = search->judge.covered;
    search->expander.renumber = search->options.renumber != 0;
    search->expander.racing = m->races != 0;
    search->expander.full = flush;
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
    free(search->initial);
    free(search->wanted);
    free(search->steps);
    free(search);
}

static int add_step(struct dmc_search *search, uint32_t thread, uint32_t step)
{
    if (!dmc_room((void **)&search->steps, &search->step_room, search->step_count + 1, sizeof *search->steps))
        return 0;
    search->steps[search->step_count++] = dmc_choice_of(search->model, thread, step);
    return 1;
}

/* While a path is looked for: the steps to the first event that reaches the wanted state. */
static int look(void *context)
{
    struct dmc_search *search = context;
    struct dmc_expander *x = &search->expander;
    size_t bytes = search->model->words * sizeof(uint64_t);

    for (uint32_t i = 0; i < x->batch.events && !search->path_found; i++) {
        const struct dmc_event *event = &x->batch.event[i];

        if (!(event->flags & DMC_REACHES) || memcmp(dmc_state(x, event), search->wanted, bytes) != 0)
            continue;
        search->path_found = add_step(search, event->thread, event->step);
        for (uint32_t n = event->node; search->path_found && n != DMC_ROOT; n = x->node[n].parent)
            search->path_found = add_step(search, x->node[n].thread, x->node[n].step);
    }
    empty(x);
    return !search->path_found;
}

/* The block of sources in which the state was reached. */
static uint64_t block_of(const struct dmc_search *search, uint32_t number)
{
    uint64_t low = 0, high = search->births.count;

    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;

        if (dmc_number(&search->births, middle) <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The source that reached the state first, with the steps from there, last first; DMC_NONE if none does. */
static uint32_t look_back(struct dmc_search *search, uint32_t number)
{
    uint64_t source = block_of(search, number) * BLOCK, end = source + BLOCK;

    dmc_set_key(&search->visited, number, search->wanted);
    search->path_found = 0;
    empty(&search->expander);
    for (; source < end && source < search->visited.keys.count; source++) {
        if (expand(search, (uint32_t)source))
            (void)look(search);
        if (search->path_found)
            return (uint32_t)source;
        empty(&search->expander);
    }
    return DMC_NONE;
}

uint64_t dmc_get_path(struct dmc_search *search, uint32_t number, struct dmc_choice *choices, uint64_t room,
                      uint32_t *initial)
{
    struct dmc_expander *x = &search->expander;

    x->full = look;
    x->racing = x->watching = 0;
    search->step_count = 0;
    while (number >= search->starts)
        if ((number = look_back(search, number)) == DMC_NONE)
            return UINT64_MAX;
    *initial = search->initial[number];
    for (uint64_t i = 0; i < search->step_count && i < room; i++)
        choices[i] = search->steps[search->step_count - 1 - i];
    return search->step_count;
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
    out->bytes = bytes_used(search);
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
