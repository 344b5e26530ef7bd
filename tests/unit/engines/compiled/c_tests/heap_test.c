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
static const struct dmc_model model = {
    .cells = CELLS, .pools = 1, .roots = 2, .pool = pools, .kind = kinds, .reference = references, .root = roots,
};

static void collected(const dmc_cell before[CELLS], int renumber, uint32_t lost, const dmc_cell after[CELLS])
{
    struct dmc_heap heap;
    dmc_cell s[CELLS];

    memcpy(s, before, sizeof s);
    EXPECT(dmc_heap_open(&heap, &model));
    EXPECT(dmc_heap_collect(&heap, s, renumber) == lost);
    EXPECT(memcmp(s, after, sizeof s) == 0);
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
    const struct dmc_thread of_root_0 = {1, 0, 0, 0};
    struct dmc_heap heap;

    collected(chain, 0, 0, swept);
    collected(chain, 1, 0, renamed);
    collected(cycle, 0, 1, nothing);
    collected(tombstone, 0, 0, tombstone);
    collected(tombstone, 1, 0, moved);
    EXPECT(dmc_heap_open(&heap, &model));
    EXPECT(!dmc_heap_shared(&heap, chain, &of_root_0, 0, 3));
    EXPECT(dmc_heap_shared(&heap, tombstone, &of_root_0, 0, 2));
    EXPECT(dmc_heap_used(&model, chain, 0) == 3);
    dmc_heap_close(&heap);
    return 0;
}
