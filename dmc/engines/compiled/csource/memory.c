#include "memory.h"

#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#define HUGE_PAGE ((size_t)2 << 20)

static void *in_huge_pages(size_t bytes)
{
    void *found;
#if defined(__linux__)
    size_t rounded = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;

    found = aligned_alloc(HUGE_PAGE, rounded);
#ifdef MADV_HUGEPAGE
    if (found)
        (void)madvise(found, rounded, MADV_HUGEPAGE); /* advice: nothing depends on it */
#endif
#else
    found = malloc(bytes);
#endif
    return found;
}

void *dmc_table(size_t bytes)
{
    void *table;

    if (bytes < 2 * HUGE_PAGE)
        return calloc(1, bytes);
    table = in_huge_pages(bytes);
    if (table)
        memset(table, 0, bytes);
    return table;
}

void dmc_table_free(void *table)
{
    free(table);
}

void dmc_array_open(struct dmc_array *a, size_t item)
{
    memset(a, 0, sizeof *a);
    a->item = item;
}

void dmc_array_close(struct dmc_array *a)
{
    for (uint64_t i = 0; i < a->chunks; i++)
        free(a->chunk[i]);
    free(a->chunk);
    dmc_array_open(a, a->item);
}

void *dmc_array_add(struct dmc_array *a)
{
    if (a->count >> DMC_CHUNK_BITS == a->chunks) {
        unsigned char **longer = realloc(a->chunk, (a->chunks + 1) * sizeof *longer);
        size_t bytes = DMC_CHUNK_ITEMS * a->item;

        if (!longer)
            return NULL;
        a->chunk = longer;
        longer[a->chunks] = bytes < HUGE_PAGE || a->chunks == 0 ? malloc(bytes) : in_huge_pages(bytes);
        if (!longer[a->chunks])
            return NULL;
        a->chunks++;
    }
    return dmc_item(a, a->count++);
}

int dmc_room(void **items, uint64_t *room, uint64_t wanted, size_t item)
{
    uint64_t more = *room ? *room : 64;
    void *longer;

    if (wanted <= *room)
        return 1;
    while (more < wanted)
        more *= 2;
    longer = realloc(*items, more * item);
    if (!longer)
        return 0;
    *items = longer;
    *room = more;
    return 1;
}
