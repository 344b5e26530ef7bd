#include "graph.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT, FILL, BACK, OVER };

#define NOWHERE UINT32_MAX

static uint64_t first_edge(const struct dmc_graph *g, uint64_t state)
{
    return state < g->first.count ? dmc_number(&g->first, state) : g->target.count;
}

/* Whether the edge is a step of a party that does not count. */
static int is_excluded(const struct dmc_hang *h, uint64_t edge)
{
    return h->without && h->without >> *(const uint8_t *)dmc_item(&h->graph->party, edge) & 1;
}

uint64_t dmc_hang_bytes(const struct dmc_graph *g)
{
    return g->first.count * 9 + g->target.count * 4;
}

int dmc_hang_open(struct dmc_hang *h, const struct dmc_graph *graph)
{
    memset(h, 0, sizeof *h);
    h->graph = graph;
    h->states = graph->first.count;
    h->hanging = UINT64_MAX;
    h->first = calloc(h->states + 2, sizeof *h->first);
    h->source = malloc((graph->target.count + 1) * sizeof *h->source);
    h->pending = malloc((h->states + 1) * sizeof *h->pending);
    h->can_finish = calloc(h->states + 1, 1);
    return h->first && h->source && h->pending && h->can_finish;
}

void dmc_hang_forget(struct dmc_hang *h)
{
    free(h->first);
    free(h->source);
    free(h->pending);
    free(h->can_finish);
    free(h->ends);
    free(h->owes);
    h->first = h->source = h->pending = NULL;
    h->can_finish = h->ends = h->owes = NULL;
}

void dmc_hang_close(struct dmc_hang *h)
{
    dmc_hang_forget(h);
    free(h->component);
    h->component = NULL;
}

/* How many edges lead to each state; `first` is shifted by two, so that filling in moves it into place. */
static void count(struct dmc_hang *h, uint64_t budget)
{
    const struct dmc_array *target = &h->graph->target;

    for (; h->at < target->count && budget; h->at++, budget--)
        if (!is_excluded(h, h->at))
            h->first[dmc_number(target, h->at) + 2]++;
    if (h->at < target->count)
        return;
    for (uint64_t i = 2; i < h->states + 2; i++)
        h->first[i] += h->first[i - 1];
    h->at = 0;
    h->phase = FILL;
}

static void mark(struct dmc_hang *h, uint32_t state)
{
    if (!h->can_finish[state]) {
        h->can_finish[state] = 1;
        h->pending[h->pendings++] = state;
    }
}

static void fill(struct dmc_hang *h, uint64_t budget)
{
    const struct dmc_graph *g = h->graph;

    for (; h->at < h->states && budget; h->at++, budget--) {
        uint64_t end = first_edge(g, h->at + 1);

        for (uint64_t i = first_edge(g, h->at); i < end; i++)
            if (!is_excluded(h, i))
                h->source[h->first[dmc_number(&g->target, i) + 1]++] = (uint32_t)h->at;
        if (h->ends ? h->ends[h->at] : *(const uint8_t *)dmc_item(&g->finishing, h->at))
            mark(h, (uint32_t)h->at);
    }
    if (h->at == h->states)
        h->phase = BACK;
}

static void back(struct dmc_hang *h, uint64_t budget)
{
    for (; h->pendings && budget; budget--) {
        uint32_t state = h->pending[--h->pendings];

        for (uint32_t i = h->first[state]; i < h->first[state + 1]; i++)
            mark(h, h->source[i]);
    }
    if (!h->pendings)
        h->phase = OVER;
}

/* Tarjan's walk, without recursion, up to the first component that it completes. */
struct walk {
    uint32_t *order, *lowest, *found, *stack;
    uint64_t *next;
    uint32_t founds, depth;
};

static int open_walk(struct walk *w, uint64_t states)
{
    w->order = malloc((states + 1) * sizeof *w->order);
    w->lowest = malloc((states + 1) * sizeof *w->lowest);
    w->found = malloc((states + 1) * sizeof *w->found);
    w->stack = malloc((states + 1) * sizeof *w->stack);
    w->next = malloc((states + 1) * sizeof *w->next);
    if (!w->order || !w->lowest || !w->found || !w->stack || !w->next)
        return 0;
    memset(w->order, 0xff, (states + 1) * sizeof *w->order);
    return 1;
}

static void close_walk(struct walk *w)
{
    free(w->order);
    free(w->lowest);
    free(w->found);
    free(w->stack);
    free(w->next);
}

static void enter(struct walk *w, const struct dmc_graph *g, uint32_t state)
{
    w->order[state] = w->lowest[state] = w->founds;
    w->found[w->founds++] = state;
    w->next[w->depth] = first_edge(g, state);
    w->stack[w->depth++] = state;
}

/* The first of the states found that belongs to the completed component. */
static uint32_t complete(struct walk *w, const struct dmc_hang *h)
{
    const struct dmc_graph *g = h->graph;

    for (;;) {
        uint32_t state = w->stack[w->depth - 1], target;
        uint64_t edge = w->next[w->depth - 1];

        if (edge == first_edge(g, (uint64_t)state + 1)) {
            if (w->lowest[state] == w->order[state])
                return w->order[state];
            w->depth--;
            target = w->stack[w->depth - 1];
            if (w->lowest[state] < w->lowest[target])
                w->lowest[target] = w->lowest[state];
            continue;
        }
        w->next[w->depth - 1]++;
        if (is_excluded(h, edge))
            continue;
        target = dmc_number(&g->target, edge);
        if (w->order[target] == NOWHERE)
            enter(w, g, target);
        else if (w->order[target] < w->lowest[state])
            w->lowest[state] = w->order[target];
    }
}

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

/* Whether no step that counts leads out of the state. */
static int is_last(const struct dmc_hang *h, uint64_t state)
{
    for (uint64_t i = first_edge(h->graph, state); i < first_edge(h->graph, state + 1); i++)
        if (!is_excluded(h, i))
            return 0;
    return 1;
}

/* Where the search cannot leave any more: a bottom component of what the hang can reach. */
static int find_component(struct dmc_hang *h)
{
    struct walk w = {0};
    uint32_t first;

    if (!open_walk(&w, h->states)) {
        close_walk(&w);
        return 0;
    }
    enter(&w, h->graph, (uint32_t)h->hanging);
    first = complete(&w, h);
    h->components = w.founds - first;
    h->component = malloc(h->components * sizeof *h->component);
    if (h->component) {
        memcpy(h->component, w.found + first, h->components * sizeof *h->component);
        qsort(h->component, h->components, sizeof *h->component, by_number);
        h->deadlock = h->components == 1 && is_last(h, h->component[0]);
    }
    close_walk(&w);
    return h->component != NULL;
}

static int judge(struct dmc_hang *h)
{
    uint64_t state = 0;

    while (state < h->states && (h->can_finish[state] || (h->owes && !h->owes[state])))
        state++;
    if (state == h->states)
        return 1;
    h->hanging = state;
    return find_component(h) ? 1 : -1;
}

int dmc_hang_step(struct dmc_hang *h, uint64_t budget)
{
    if (h->phase == COUNT)
        count(h, budget * 8);
    else if (h->phase == FILL)
        fill(h, budget);
    else if (h->phase == BACK)
        back(h, budget);
    return h->phase == OVER ? judge(h) : 0;
}
