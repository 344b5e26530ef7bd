/* Edges of states of which the leads do not tell whether they come to an end: these are expanded once more. */
#include "under_way.h"

/* The edges of the events in the batch, which lead to states that are all known. */
static int gather(void *context)
{
    struct dmc_search *search = context;
    struct dmc_batch *batch = &search->expander.batch;

    for (uint32_t i = 0; i < batch->events && !search->status; i++) {
        const struct dmc_event *event = &batch->event[i];
        uint32_t target;

        if (!(event->flags & DMC_IS_EDGE))
            continue;
        target = dmc_set_find(&search->visited, dmc_state(&search->expander, event), event->hash);
        if (!dmc_edges_add(&search->graph.edges, target, event->party))
            (void)dmc_stop(search, DMC_NO_MEMORY);
    }
    dmc_empty(&search->expander);
    return !search->status;
}

/* The lead of a state on a circle goes to a state that comes to an end, if one of its edges does. */
static int look_for_a_way_out(void *context)
{
    struct dmc_search *search = context;
    struct dmc_batch *batch = &search->expander.batch;

    for (uint32_t i = 0; i < batch->events && !search->left_circle; i++) {
        const struct dmc_event *event = &batch->event[i];
        uint32_t target;

        if (!(event->flags & DMC_IS_EDGE))
            continue;
        target = dmc_set_find(&search->visited, dmc_state(&search->expander, event), event->hash);
        if (!dmc_can_finish(&search->hang, target))
            continue;
        *(uint32_t *)dmc_item(&search->leads.next, event->source) = target;
        search->left_circle = 1;
    }
    dmc_empty(&search->expander);
    return 1;
}

static int expand(struct dmc_search *search, uint32_t state, int (*full)(void *context))
{
    struct dmc_expander *x = &search->expander;

    x->full = full;
    x->racing = x->watching = 0;
    dmc_empty(x);
    if (!dmc_take_up(search, state))
        return search->status ? 0 : dmc_stop(search, DMC_NO_MEMORY);
    return full(search);
}

int dmc_leave_circles(struct dmc_search *search, uint64_t budget)
{
    const struct dmc_leads *leads = &search->leads;

    for (; budget && search->circles < leads->circle.count; budget--) {
        uint32_t first = dmc_number(&leads->circle, search->circles++), state = first;

        search->left_circle = 0;
        do {
            uint32_t next = dmc_number(&leads->next, state);

            if (!expand(search, state, look_for_a_way_out))
                return 0;
            state = next;
        } while (state != first && !search->left_circle);
        search->ways_out += search->left_circle;
    }
    return search->circles == leads->circle.count;
}

static int take_up(struct dmc_search *search, uint64_t state)
{
    return dmc_can_finish(&search->hang, state) || expand(search, (uint32_t)state, gather);
}

int dmc_decide_on(struct dmc_search *search, uint64_t budget)
{
    struct dmc_edges *edges = &search->graph.edges;

    for (; budget && edges->sources < search->hang.states; budget--) {
        if (!dmc_edges_begin(edges))
            return dmc_stop(search, DMC_NO_MEMORY);
        if (dmc_bytes_used(search) + dmc_hang_bytes(&search->graph) > search->options.bytes)
            return dmc_stop(search, DMC_LIMIT_MEMORY);
        if (!take_up(search, edges->sources - 1))
            return 0;
    }
    if (edges->sources < search->hang.states)
        return 0;
    return dmc_edges_end(edges) || dmc_stop(search, DMC_NO_MEMORY);
}
