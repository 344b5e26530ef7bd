/* Collection by hand: two roots, four slots of a pool, kinds `node` (owned, with a reference) and `leaf`.
 *
 * Cells: 0 and 1 the roots; slot r at 2 * r: its kind, its reference. */
#include "heap.h"

#include <string.h>

#include "expect.h"

enum { NODE = 2, LEAF = 3, CELLS = 10 };

static const struct dmc_pool pools[] = {{0, 2, 4, 0}};
static const struct dmc_kind kinds[] = {{1, 0, 1}, {0, 1, 0}};
static const struct dmc_reference references[] = {{1, 0}};
static const struct dmc_reference roots[] = {{0, 0}, {1, 0}};
/* A byte for each cell, of which DMC_UNSET is the greatest. */
static struct dmc_field fields[CELLS];

static void packed(const dmc_cell cells[CELLS], uint64_t s[2])
{
    s[0] = s[1] = 0;
    for (uint32_t i = 0; i < CELLS; i++)
        dmc_put(&fields[i], s, cells[i]);
}

static const struct dmc_model model = {
    .cells = CELLS, .words = 2, .field = fields, .pools = 1, .roots = 2,
    .pool = pools, .kind = kinds, .reference = references, .root = roots,
};

static void collected(const dmc_cell before[CELLS], int renumber, uint32_t lost, const dmc_cell after[CELLS])
{
    struct dmc_heap heap;
    uint64_t s[2], wanted[2];

    packed(before, s);
    packed(after, wanted);
    EXPECT(dmc_heap_open(&heap, &model));
    EXPECT(dmc_heap_collect(&heap, s, renumber) == lost);
    EXPECT(memcmp(s, wanted, sizeof s) == 0);
    dmc_heap_close(&heap);
}

int main(void)
{
    const dmc_cell chain[CELLS] = {3, 0, 0, 0, LEAF, 0, NODE, 4, NODE, 0};
    const dmc_cell swept[CELLS] = {3, 0, 0, 0, 0, 0, NODE, 4, NODE, 0};
    const dmc_cell renamed[CELLS] = {1, 0, NODE, 2, NODE, 0, 0, 0, 0, 0};
    const dmc_cell cycle[CELLS] = {DMC_UNSET, 0, NODE, 2, NODE, 1, LEAF, 0, DMC_DEAD, 0};
    const dmc_cell nothing[CELLS] = {DMC_UNSET};
    const dmc_cell tombstone[CELLS] = {0, 2, 0, 0, DMC_DEAD, 0, 0, 0, 0, 0};
    const dmc_cell moved[CELLS] = {0, 1, DMC_DEAD, 0, 0, 0, 0, 0, 0, 0};
    const struct dmc_thread of_root_0 = {.number = 1};
    struct dmc_heap heap;
    uint64_t s[2];

    for (uint32_t i = 0; i < CELLS; i++)
        fields[i] = (struct dmc_field){.at = 8 * i, .mask = 0xff, .unset = 0xff};
    collected(chain, 0, 0, swept);
    collected(chain, 1, 0, renamed);
    collected(cycle, 0, 1, nothing);
    collected(tombstone, 0, 0, tombstone);
    collected(tombstone, 1, 0, moved);
    EXPECT(dmc_heap_open(&heap, &model));
    packed(chain, s);
    EXPECT(dmc_heap_used(&model, s, 0) == 3);
    EXPECT(!dmc_heap_shared(&heap, s, &of_root_0, 0, 3));
    packed(tombstone, s);
    EXPECT(dmc_heap_shared(&heap, s, &of_root_0, 0, 2));
    dmc_heap_close(&heap);
    return 0;
}
