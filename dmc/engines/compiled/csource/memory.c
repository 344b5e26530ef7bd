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

#if defined(__linux__)
#define IS_MAPPED(bytes) ((bytes) >= 2 * HUGE_PAGE)

/* Fresh pages are zeroed by the system; they begin where a huge page can. */
static void *mapped(size_t bytes)
{
    size_t more = bytes + HUGE_PAGE, before;
    char *found = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (found == MAP_FAILED)
        return NULL;
    before = (HUGE_PAGE - (uintptr_t)found % HUGE_PAGE) % HUGE_PAGE;
    if (before)
        (void)munmap(found, before);
    if (before < HUGE_PAGE)
        (void)munmap(found + before + bytes, HUGE_PAGE - before);
#ifdef MADV_HUGEPAGE
    (void)madvise(found + before, bytes, MADV_HUGEPAGE); /* advice: nothing depends on it */
#endif
    return found + before;
}
#endif

void *dmc_table(size_t bytes)
{
#if defined(__linux__)
    if (IS_MAPPED(bytes))
        return mapped(bytes);
#endif
    return calloc(1, bytes);
}

void dmc_table_free(void *table, size_t bytes)
{
#if defined(__linux__)
    if (table && IS_MAPPED(bytes)) {
        (void)munmap(table, bytes);
        return;
    }
#endif
    (void)bytes;
    free(table);
}

void dmc_array_open(struct dmc_array *a, size_t item)
{
    memset(a, 0, sizeof *a);
    a->item = item;
    a->bits = 10;
    while (item << (a->bits + 1) <= DMC_CHUNK_BYTES)
        a->bits++;
}

void dmc_array_close(struct dmc_array *a)
{
    for (uint64_t i = 0; i < a->chunks; i++)
        free(a->chunk[i]);
    free(a->chunk);
    dmc_array_open(a, a->item);
}

int dmc_array_grow(struct dmc_array *a)
{
    unsigned char **longer = realloc(a->chunk, (a->chunks + 1) * sizeof *longer);
    size_t bytes = (a->item << a->bits) + DMC_PADDING;

    if (!longer)
        return 0;
    a->chunk = longer;
    longer[a->chunks] = a->chunks == 0 ? malloc(bytes) : in_huge_pages(bytes);
    if (!longer[a->chunks])
        return 0;
    a->chunks++;
    return 1;
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
