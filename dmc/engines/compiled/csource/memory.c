#include "memory.h"

#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#define HUGE_PAGE ((size_t)2 << 20)

/* Memory that begins where a huge page can. */
static void *aligned(size_t bytes)
{
#if defined(__linux__)
    return aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
#else
    return malloc(bytes);
#endif
}

/* Advice: nothing depends on it. */
static void in_huge_pages(unsigned char *first, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes >= HUGE_PAGE)
        (void)madvise(first, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#else
    (void)first, (void)bytes;
#endif
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

/* The first chunk begins in small pages: most arrays stay small. */
int dmc_array_grow(struct dmc_array *a)
{
    size_t bytes = (a->item << a->bits) + DMC_PADDING;
    unsigned char **longer;

    if (a->limit < a->chunks << a->bits) {
        in_huge_pages(a->chunk[0] + HUGE_PAGE, bytes - HUGE_PAGE);
        a->limit = a->chunks << a->bits;
        return 1;
    }
    longer = realloc(a->chunk, (a->chunks + 1) * sizeof *longer);
    if (!longer)
        return 0;
    a->chunk = longer;
    longer[a->chunks] = bytes < HUGE_PAGE ? malloc(bytes) : aligned(bytes);
    if (!longer[a->chunks])
        return 0;
    if (a->chunks)
        in_huge_pages(longer[a->chunks], bytes);
    a->chunks++;
    a->limit = a->chunks << a->bits;
    if (a->chunks == 1 && bytes > HUGE_PAGE)
        a->limit = HUGE_PAGE / a->item;
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
