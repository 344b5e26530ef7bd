/* What events do: new states, edges, findings. */
#include "under_way.h"

enum { UNUSUAL = DMC_BREAKS | DMC_HAS_RACE | DMC_LOSES | DMC_ENDS_RUN | DMC_PASSES };

uint64_t dmc_bytes_used(const struct dmc_search *search)
{
    return dmc_set_bytes(&search->visited) + dmc_array_bytes(&search->births) +
           dmc_graph_bytes(&search->graph) + dmc_leads_bytes(&search->leads);
}

/* A step that ends the run, and whose it is; for obligations alone. */
static int note_over(struct dmc_search *search, const struct dmc_event *event)
{
    struct dmc_array *all = &search->graph.over;
    struct dmc_over *over = all->count ? dmc_item(all, all->count - 1) : NULL;

    if (!search->model->obligations || (over && over->state == event->source && over->party == event->party))
        return 1;
    if (!(over = dmc_array_add(all)))
        return dmc_stop(search, DMC_NO_MEMORY);
    over->state = event->source;
    over->party = event->party;
    return 1;
}

static int watch(struct dmc_search *search, const uint64_t *s)
{
    uint32_t found = search->expander.fusion ? dmc_fusion_watch(&search->fusion, s) : DMC_PROTECTED;

    if (found == DMC_PROTECTED)
        return 1;
    search->unprotected = found;
    return dmc_stop(search, DMC_UNPROTECTED);
}

static int see(struct dmc_search *search, const struct dmc_event *event, int *is_end)
{
    const uint64_t *s = dmc_state(&search->expander, event);

    if (!watch(search, s))
        return 0;
    return dmc_judge_state(&search->judge, event, s, is_end) || dmc_stop(search, DMC_NO_MEMORY);
}

/* Add the event's state, which is new. Its number goes to `number`. */
static int add(struct dmc_search *search, struct dmc_event *event, uint32_t *number)
{
    int is_end = 0;

    if (search->visited.keys.count >= search->options.states)
        return dmc_stop(search, DMC_LIMIT_STATES);
    *number = dmc_set_add(&search->visited, dmc_state(&search->expander, event), event->hash, search->budget);
    if (*number == DMC_NONE)
        return dmc_stop(search, DMC_LIMIT_MEMORY);
    if (event->flags & DMC_STARTS) {
        search->initial[*number] = event->source;
        search->starts = *number + 1;
        event->source = *number;
    }
    if (!dmc_graph_add(&search->graph, *number))
        return dmc_stop(search, DMC_NO_MEMORY);
    dmc_judge_visit(&search->judge, dmc_state(&search->expander, event));
    if (!see(search, event, &is_end))
        return 0;
    if (is_end) {
        dmc_graph_finish(&search->graph, *number);
        search->ends++;
    }
    return 1;
}

/* What is left of the memory for the visited states, by all that is kept beside them. */
static int look_at_memory(struct dmc_search *search)
{
    uint64_t used = dmc_bytes_used(search), states = dmc_set_bytes(&search->visited);

    if (used > search->options.bytes)
        return dmc_stop(search, DMC_LIMIT_MEMORY);
    search->budget = search->options.bytes - (used - states);
    return 1;
}

static int begin(struct dmc_search *search, uint32_t source)
{
    if (source % DMC_BIRTHS == 0) {
        if (!look_at_memory(search))
            return 0;
        if (!dmc_add_number(&search->births, (uint32_t)search->visited.keys.count))
            return dmc_stop(search, DMC_NO_MEMORY);
    }
    if (!search->options.graph)
        return 1;
    if (!search->by_leads)
        return dmc_edges_begin(&search->graph.edges) || dmc_stop(search, DMC_NO_MEMORY);
    if (source && !dmc_leads_add(&search->leads, search->lead))
        return dmc_stop(search, DMC_NO_MEMORY);
    search->lead = DMC_NOWHERE;
    return 1;
}

/* All but that the event leads to a state. */
static __attribute__((noinline)) int notice(struct dmc_search *search, struct dmc_event *event)
{
    int is_end = 0;

    if (event->flags & DMC_BREAKS) {
        search->unprotected = event->outcome;
        return dmc_stop(search, DMC_UNPROTECTED);
    }
    if (!dmc_judge_event(&search->judge, event))
        return dmc_stop(search, DMC_NO_MEMORY);
    if (event->flags & DMC_ENDS_RUN) {
        dmc_graph_finish(&search->graph, event->source);
        if (search->options.graph && !note_over(search, event))
            return 0;
    }
    if ((event->flags & DMC_PASSES) && !see(search, event, &is_end))
        return 0;
    if (is_end)
        dmc_graph_finish(&search->graph, event->source);
    return 1;
}

/* An edge of the source that was begun last. A lead goes to the newest state, and not round at once. */
static inline int lead(struct dmc_search *search, const struct dmc_event *event, uint32_t number)
{
    if (!search->by_leads)
        return !search->options.graph || dmc_edges_add(&search->graph.edges, number, event->party);
    if (number != event->source && (search->lead == DMC_NOWHERE || number > search->lead))
        search->lead = number;
    return 1;
}

static inline __attribute__((always_inline)) int process(struct dmc_search *search, struct dmc_event *event,
                                                         uint32_t words)
{
    const uint64_t *s;
    uint32_t number;

    if ((event->flags & DMC_BEGINS) && !begin(search, event->source))
        return 0;
    search->transitions += (event->flags & DMC_COUNTS) != 0;
    if (((event->flags & UNUSUAL) || event->effects) && !notice(search, event))
        return 0;
    if (!(event->flags & DMC_REACHES))
        return 1;
    s = search->expander.batch.state + (size_t)(event - search->expander.batch.event) * words;
    number = dmc_set_look_up(&search->visited, s, event->hash, words);
    if (number == DMC_NONE && !add(search, event, &number))
        return 0;
    if ((event->flags & DMC_IS_EDGE) && !lead(search, event, number))
        return dmc_stop(search, DMC_NO_MEMORY);
    return 1;
}

static inline __attribute__((always_inline)) void process_all(struct dmc_search *search, uint32_t words)
{
    struct dmc_batch *batch = &search->expander.batch;

    for (uint32_t i = 0; i < batch->events; i++)
        if (!process(search, &batch->event[i], words))
            return;
}

int dmc_arrive(void *context)
{
    struct dmc_search *search = context;

    dmc_fetch(&search->expander, 0);
    switch (search->model->words) {
    case 1:
        process_all(search, 1);
        break;
    case 2:
        process_all(search, 2);
        break;
    case 3:
        process_all(search, 3);
        break;
    case 4:
        process_all(search, 4);
        break;
    default:
        process_all(search, search->model->words);
    }
    if (!search->status && *search->model->broken)
        search->status = DMC_BROKEN;
    dmc_empty(&search->expander);
    return !search->status;
}
