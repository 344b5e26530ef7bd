#include "graph.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

void dmc_graph_open(struct dmc_graph *g, int has_parties)
{
    g->states = 0;
    dmc_edges_open(&g->edges, has_parties);
    dmc_array_open(&g->finishing, 1);
    dmc_array_open(&g->over, sizeof(struct dmc_over));
}

void dmc_graph_close(struct dmc_graph *g)
{
    dmc_edges_close(&g->edges);
    dmc_array_close(&g->finishing);
    dmc_array_close(&g->over);
}

uint64_t dmc_graph_bytes(const struct dmc_graph *g)
{
    return dmc_edges_bytes(&g->edges) + dmc_array_bytes(&g->finishing) + dmc_array_bytes(&g->over);
}

int dmc_graph_add(struct dmc_graph *g, uint64_t state)
{
    uint8_t *bits;

    g->states = state + 1;
    if (state & 7)
        return 1;
    bits = dmc_array_add(&g->finishing);
    if (bits)
        *bits = 0;
    return bits != NULL;
}

/* Whether the edge is a step of a party that does not count. */
static int is_excluded(const struct dmc_hang *h, const struct dmc_edge *edge)
{
    return (int)(h->without >> edge->party & 1);
}

uint64_t dmc_hang_bytes(const struct dmc_graph *g)
{
    return g->states / 8 + 8;
}

int dmc_hang_open(struct dmc_hang *h, const struct dmc_graph *graph)
{
    memset(h, 0, sizeof *h);
    h->graph = graph;
    h->states = graph->states;
    h->hanging = UINT64_MAX;
    h->down = 1;
    dmc_block_open(&h->block);
    h->opened = 1;
    h->can_finish = calloc(h->states / 64 + 1, sizeof *h->can_finish);
    return h->can_finish != NULL;
}

void dmc_hang_forget(struct dmc_hang *h)
{
    if (h->opened)
        dmc_block_close(&h->block);
    free(h->can_finish);
    free(h->ends);
    free(h->owes);
    h->can_finish = NULL;
    h->ends = h->owes = NULL;
}

void dmc_hang_close(struct dmc_hang *h)
{
    dmc_hang_forget(h);
    free(h->component);
    h->component = NULL;
}

void dmc_hang_begin(struct dmc_hang *h)
{
    if (h->begun)
        return;
    h->begun = 1;
    for (uint64_t state = 0; h->ends && state < h->states; state++)
        h->can_finish[state >> 6] |= (uint64_t)(h->ends[state] != 0) << (state & 63);
    for (uint64_t byte = 0; !h->ends && byte < (h->states + 7) / 8; byte++)
        h->can_finish[byte >> 3] |= (uint64_t)*(const uint8_t *)dmc_item(&h->graph->finishing, byte) << (byte & 7) * 8;
}

/* Whether the state leads to one that is known to come to an end. */
static int comes_to_an_end(const struct dmc_hang *h, uint64_t state)
{
    uint32_t place = (uint32_t)(state % DMC_BLOCK);

    for (uint32_t i = h->block.first[place]; i < h->block.first[place + 1]; i++)
        if (dmc_can_finish(h, h->block.edge[i].target) && !is_excluded(h, &h->block.edge[i]))
            return 1;
    return 0;
}

static void judge_state(struct dmc_hang *h, uint64_t state)
{
    if (dmc_can_finish(h, state) || !comes_to_an_end(h, state))
        return;
    h->can_finish[state >> 6] |= (uint64_t)1 << (state & 63);
    h->changed = 1;
}

static int is_settled(const struct dmc_hang *h, uint64_t first, uint64_t end)
{
    for (uint64_t word = first >> 6; word << 6 < end; word++)
        if (~h->can_finish[word] & (end - (word << 6) < 64 ? ((uint64_t)1 << (end - (word << 6))) - 1 : UINT64_MAX))
            return 0;
    return 1;
}

/* All states of a block, in the direction of the sweep. */
static int judge_block(struct dmc_hang *h, uint64_t number)
{
    uint64_t first = number * DMC_BLOCK, end = first + DMC_BLOCK < h->states ? first + DMC_BLOCK : h->states;

    if (is_settled(h, first, end))
        return 1;
    if (!dmc_block_read(&h->block, &h->graph->edges, number))
        return 0;
    for (uint64_t i = first; i < end; i++)
        judge_state(h, h->down ? end - 1 - (i - first) : i);
    return 1;
}

/* The edges of a state that count, kept while Tarjan's walk is at it. */
struct visit {
    uint32_t state;
    uint64_t first, next, end;
};

/* Tarjan's walk, without recursion, up to the first component that it completes. */
struct walk {
    uint32_t *order, *lowest, *found, *target;
    struct visit *visit;
    uint64_t target_room, visit_room;
    uint32_t founds;
    uint64_t depth;
};

static int open_walk(struct walk *w, uint64_t states)
{
    w->order = malloc((states + 1) * sizeof *w->order);
    w->lowest = malloc((states + 1) * sizeof *w->lowest);
    w->found = malloc((states + 1) * sizeof *w->found);
    if (!w->order || !w->lowest || !w->found)
        return 0;
    memset(w->order, 0xff, (states + 1) * sizeof *w->order);
    return 1;
}

static void close_walk(struct walk *w)
{
    free(w->order);
    free(w->lowest);
    free(w->found);
    free(w->target);
    free(w->visit);
}

static int enter(struct walk *w, struct dmc_hang *h, uint32_t state)
{
    uint64_t at = w->depth ? w->visit[w->depth - 1].end : 0;
    uint32_t place = state % DMC_BLOCK;
    struct visit *visit;

    if (!dmc_room((void **)&w->visit, &w->visit_room, w->depth + 1, sizeof *w->visit) ||
        !dmc_block_read(&h->block, &h->graph->edges, state / DMC_BLOCK))
        return 0;
    w->order[state] = w->lowest[state] = w->founds;
    w->found[w->founds++] = state;
    visit = &w->visit[w->depth++];
    visit->state = state;
    visit->first = visit->next = visit->end = at;
    for (uint32_t i = h->block.first[place]; i < h->block.first[place + 1]; i++) {
        if (is_excluded(h, &h->block.edge[i]))
            continue;
        if (!dmc_room((void **)&w->target, &w->target_room, visit->end + 1, sizeof *w->target))
            return 0;
        w->target[visit->end++] = h->block.edge[i].target;
    }
    return 1;
}

/* Walk to the first completed component: the first of the states found that belongs to it, and whether
 * no step that counts leads out of its last state. NOWHERE if there is no memory. */
static uint32_t complete(struct walk *w, struct dmc_hang *h, int *leads_nowhere)
{
    if (!enter(w, h, (uint32_t)h->hanging))
        return NOWHERE;
    for (;;) {
        struct visit *visit = &w->visit[w->depth - 1];
        uint32_t state = visit->state, target;

        if (visit->next == visit->end) {
            if (w->lowest[state] == w->order[state]) {
                *leads_nowhere = visit->first == visit->end;
                return w->order[state];
            }
            w->depth--;
            target = w->visit[w->depth - 1].state;
            if (w->lowest[state] < w->lowest[target])
                w->lowest[target] = w->lowest[state];
            continue;
        }
        target = w->target[visit->next++];
        if (w->order[target] != NOWHERE) {
            if (w->order[target] < w->lowest[state])
                w->lowest[state] = w->order[target];
        } else if (!enter(w, h, target)) {
            return NOWHERE;
        }
    }
}

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

/* Where the search cannot leave any more: a bottom component of what the hang can reach. */
static int find_component(struct dmc_hang *h)
{
    struct walk w = {0};
    uint32_t first = NOWHERE;
    int leads_nowhere = 0;

    if (open_walk(&w, h->states))
        first = complete(&w, h, &leads_nowhere);
    if (first != NOWHERE) {
        h->components = w.founds - first;
        h->component = malloc(h->components * sizeof *h->component);
    }
    if (h->component) {
        memcpy(h->component, w.found + first, h->components * sizeof *h->component);
        qsort(h->component, h->components, sizeof *h->component, by_number);
        h->deadlock = h->components == 1 && leads_nowhere;
    }
    close_walk(&w);
    return h->component != NULL;
}

uint64_t dmc_hang_nearest(const struct dmc_hang *h)
{
    uint64_t state = 0;

    while (state < h->states && (dmc_can_finish(h, state) || (h->owes && !h->owes[state])))
        state++;
    return state;
}

static int judge(struct dmc_hang *h)
{
    uint64_t state = dmc_hang_nearest(h);

    if (state == h->states)
        return 1;
    h->hanging = state;
    return find_component(h) ? 1 : -1;
}

/* Sweeps up and down, until one finds nothing new: what a sweep learns of a state, the next states of the
 * same sweep know. */
int dmc_hang_step(struct dmc_hang *h, uint64_t budget)
{
    uint64_t blocks = (h->states + DMC_BLOCK - 1) / DMC_BLOCK;

    dmc_hang_begin(h);
    for (uint64_t left = budget / DMC_BLOCK + 1; left; left--) {
        if (h->at == blocks) {
            if (!h->changed)
                return judge(h);
            h->at = 0;
            h->changed = 0;
            h->down = !h->down;
            continue;
        }
        if (!judge_block(h, h->down ? blocks - 1 - h->at : h->at))
            return -1;
        h->at++;
    }
    return 0;
}
