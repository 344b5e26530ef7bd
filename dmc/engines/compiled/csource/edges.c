#include "edges.h"

#include <stdlib.h>
#include <string.h>

/* The code of a source is one 0 if it has no edges. Else each edge is a number in base 128, low digits
 * first, with a set bit for every digit but the last; the number is 2 + 2 * distance, and one more for the
 * source's last edge. Distances below 0 are odd. */

static uint32_t rank(uint64_t edge)
{
    return edge < DMC_RANKS ? (uint32_t)edge : DMC_RANKS - 1;
}

static int put(struct dmc_edges *e, uint64_t number)
{
    unsigned char *place;

    do {
        place = dmc_array_add(&e->code);
        if (!place)
            return 0;
        *place = (unsigned char)(number & 127) | (unsigned char)((number > 127) << 7);
        number >>= 7;
    } while (number);
    return 1;
}

static uint64_t distance(uint32_t from, uint32_t to)
{
    return to >= from ? (uint64_t)(to - from) << 1 : ((uint64_t)(from - to) << 1) - 1;
}

static uint32_t at_distance(uint32_t from, uint64_t code)
{
    return code & 1 ? from - (uint32_t)((code + 1) >> 1) : from + (uint32_t)(code >> 1);
}

void dmc_edges_open(struct dmc_edges *e, int has_parties)
{
    memset(e, 0, sizeof *e);
    dmc_array_open(&e->code, 1);
    dmc_array_open(&e->place, sizeof(struct dmc_place));
    e->has_parties = has_parties;
}

void dmc_edges_close(struct dmc_edges *e)
{
    dmc_array_close(&e->code);
    dmc_array_close(&e->place);
    free(e->pending);
    e->pending = NULL;
}

uint64_t dmc_edges_bytes(const struct dmc_edges *e)
{
    return dmc_array_bytes(&e->code) + dmc_array_bytes(&e->place);
}

/* Write the edges of the source that was begun last. */
int dmc_edges_end(struct dmc_edges *e)
{
    if (e->sources && !e->pendings)
        return put(e, 0);
    for (uint64_t i = 0; i < e->pendings; i++) {
        uint32_t *last = &e->last[rank(i)], target = e->pending[i].target;

        if (!put(e, 2 + (distance(*last, target) << 1) + (i + 1 == e->pendings)))
            return 0;
        if (e->has_parties && !put(e, e->pending[i].party))
            return 0;
        *last = target;
    }
    e->pendings = 0;
    return 1;
}

int dmc_edges_begin(struct dmc_edges *e)
{
    struct dmc_place *place;

    if (!dmc_edges_end(e))
        return 0;
    if (e->sources++ % DMC_BLOCK)
        return 1;
    place = dmc_array_add(&e->place);
    if (!place)
        return 0;
    place->at = e->code.count;
    place->base = e->last[0];
    for (uint32_t i = 0; i < DMC_RANKS; i++)
        e->last[i] = place->base;
    return 1;
}

int dmc_edges_add(struct dmc_edges *e, uint32_t target, uint32_t party)
{
    if (!dmc_room((void **)&e->pending, &e->room, e->pendings + 1, sizeof *e->pending))
        return 0;
    e->pending[e->pendings].target = target;
    e->pending[e->pendings++].party = party;
    e->count++;
    return 1;
}

void dmc_block_open(struct dmc_block *b)
{
    memset(b, 0, sizeof *b);
    b->number = UINT64_MAX;
}

void dmc_block_close(struct dmc_block *b)
{
    free(b->edge);
    free(b->code);
    dmc_block_open(b);
}

static inline uint64_t get(const unsigned char **at)
{
    uint64_t number = *(*at)++;

    if (number < 128)
        return number;
    number &= 127;
    for (uint32_t shift = 7;; shift += 7) {
        unsigned char byte = *(*at)++;

        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return number;
    }
}

/* The code from `at` to `end`, in one piece; NULL if there is no memory. */
static const unsigned char *code_of(struct dmc_block *b, const struct dmc_edges *e, uint64_t at, uint64_t end)
{
    if (at >> e->code.bits == (end - 1) >> e->code.bits)
        return dmc_item(&e->code, at);
    if (!dmc_room((void **)&b->code, &b->code_room, end - at, 1))
        return NULL;
    for (uint64_t i = at; i < end; i++)
        b->code[i - at] = *(const unsigned char *)dmc_item(&e->code, i);
    return b->code;
}

/* The edges of a source; how many there are so far. */
static uint32_t read_source(struct dmc_edge *edge, uint32_t edges, const unsigned char **at, uint32_t *last,
                            int has_parties)
{
    uint64_t code = get(at);

    if (!code)
        return edges;
    for (uint32_t i = 0;; i++) {
        uint32_t *from = &last[rank(i)];

        *from = at_distance(*from, (code - 2) >> 1);
        edge[edges].target = *from;
        edge[edges++].party = has_parties ? (uint32_t)get(at) : 0;
        if (code & 1)
            return edges;
        code = get(at);
    }
}

int dmc_block_read(struct dmc_block *b, const struct dmc_edges *e, uint64_t number)
{
    const struct dmc_place *place = dmc_item(&e->place, number);
    uint64_t left = e->sources - number * DMC_BLOCK, end = e->code.count;
    uint32_t last[DMC_RANKS], edges = 0, sources = left < DMC_BLOCK ? (uint32_t)left : DMC_BLOCK;
    const unsigned char *at;

    if (b->number == number)
        return 1;
    b->number = UINT64_MAX;
    if (number + 1 < e->place.count)
        end = ((const struct dmc_place *)dmc_item(&e->place, number + 1))->at;
    at = code_of(b, e, place->at, end);
    /* No edge takes less than a byte. */
    if (!at || !dmc_room((void **)&b->edge, &b->room, end - place->at, sizeof *b->edge))
        return 0;
    for (uint32_t i = 0; i < DMC_RANKS; i++)
        last[i] = place->base;
    for (uint32_t source = 0; source < sources; source++) {
        b->first[source] = edges;
        edges = read_source(b->edge, edges, &at, last, e->has_parties);
    }
    b->first[sources] = edges;
    b->number = number;
    return 1;
}
