#include "judge.h"

#include <stdlib.h>
#include <string.h>

int dmc_judge_open(struct dmc_judge *j, const struct dmc_expander *x)
{
    const struct dmc_model *m = x->model;

    memset(j, 0, sizeof *j);
    j->model = m;
    j->expander = x;
    j->finding = calloc(m->properties + 1, sizeof *j->finding);
    j->covered = calloc(m->covers / 64 + 1, sizeof *j->covered);
    j->outcomes = calloc(m->outcomes + 1, sizeof *j->outcomes);
    j->visits = calloc(m->points + 1, sizeof *j->visits);
    return j->finding && j->covered && j->outcomes && j->visits;
}

void dmc_judge_close(struct dmc_judge *j)
{
    for (uint32_t i = 0; j->finding && i < j->model->properties; i++) {
        free(j->finding[i].choice);
        free(j->finding[i].value);
    }
    for (uint64_t i = 0; i < j->pairs; i++)
        free(j->pair[i].choice);
    free(j->finding);
    free(j->covered);
    free(j->outcomes);
    free(j->visits);
    free(j->pair);
    free(j->pair_slot);
}

/* The steps from the source to the event, as a copy. */
static struct dmc_choice *choices_of(const struct dmc_judge *j, const struct dmc_event *event,
                                     uint32_t *count)
{
    const struct dmc_node *node = j->expander->node;
    struct dmc_choice *choices;
    uint32_t at = event->thread != 0;

    for (uint32_t n = event->node; n != DMC_ROOT; n = node[n].parent)
        at++;
    *count = at;
    choices = calloc((size_t)at + 1, sizeof *choices);
    if (choices && event->thread)
        choices[--at] = dmc_choice_of(j->model, event->thread, event->step);
    for (uint32_t n = event->node; choices && n != DMC_ROOT; n = node[n].parent)
        choices[--at] = dmc_choice_of(j->model, node[n].thread, node[n].step);
    return choices;
}

/* The first violation of the property, to be filled in; NULL if there was one. */
static struct dmc_finding *first(struct dmc_judge *j, uint32_t property, const struct dmc_event *event,
                                 int *ok)
{
    struct dmc_finding *finding = &j->finding[property];

    if (finding->found)
        return NULL;
    finding->choice = choices_of(j, event, &finding->choices);
    if (!finding->choice) {
        *ok = 0;
        return NULL;
    }
    finding->found = 1;
    finding->source = event->source;
    return finding;
}

static int violated(struct dmc_judge *j, const struct dmc_event *event, uint32_t number,
                    const int64_t *values)
{
    const struct dmc_site *site = &j->model->site[number];
    int ok = 1;
    struct dmc_finding *finding = first(j, site->target, event, &ok);

    if (!finding)
        return ok;
    finding->site = number + 1;
    finding->values = site->values;
    finding->value = calloc((size_t)site->values + 1, sizeof *finding->value);
    if (finding->value)
        memcpy(finding->value, values, site->values * sizeof *values);
    return finding->value != NULL;
}

static uint64_t pair_hash(uint32_t relation, int64_t from, int64_t to)
{
    uint64_t key[3] = {relation, (uint64_t)from, (uint64_t)to};

    return dmc_hash(key, 3);
}

/* Where the pair is among the slots, or where it belongs. */
static uint64_t pair_place(const struct dmc_judge *j, uint32_t relation, int64_t from, int64_t to)
{
    uint64_t at = pair_hash(relation, from, to) & (j->pair_slots - 1);

    while (j->pair_slot[at]) {
        const struct dmc_pair *pair = &j->pair[j->pair_slot[at] - 1];

        if (pair->relation == relation && pair->from == from && pair->to == to)
            break;
        at = (at + 1) & (j->pair_slots - 1);
    }
    return at;
}

static int more_pairs(struct dmc_judge *j)
{
    uint64_t slots = j->pair_slots ? j->pair_slots * 4 : 64;
    uint32_t *table = calloc(slots, sizeof *table);

    if (!table)
        return 0;
    free(j->pair_slot);
    j->pair_slot = table;
    j->pair_slots = slots;
    for (uint64_t i = 0; i < j->pairs; i++)
        table[pair_place(j, j->pair[i].relation, j->pair[i].from, j->pair[i].to)] = (uint32_t)i + 1;
    return 1;
}

static int collected(struct dmc_judge *j, const struct dmc_event *event, uint32_t relation,
                     const int64_t *values)
{
    struct dmc_pair *pair;
    uint64_t at;

    if (j->pairs * 2 >= j->pair_slots && !more_pairs(j))
        return 0;
    at = pair_place(j, relation, values[0], values[1]);
    if (j->pair_slot[at])
        return 1;
    if (!dmc_room((void **)&j->pair, &j->pair_room, j->pairs + 1, sizeof *j->pair))
        return 0;
    pair = &j->pair[j->pairs];
    pair->relation = relation;
    pair->source = event->source;
    pair->from = values[0];
    pair->to = values[1];
    pair->choice = choices_of(j, event, &pair->choices);
    if (!pair->choice)
        return 0;
    j->pair_slot[at] = (uint32_t)++j->pairs;
    return 1;
}

static void cover(struct dmc_judge *j, uint32_t number)
{
    j->covered[number >> 6] |= (uint64_t)1 << (number & 63);
}

static int is_covered(const struct dmc_judge *j, uint32_t number)
{
    return (int)(j->covered[number >> 6] >> (number & 63) & 1);
}

/* The violations of the event, then what it collects. */
static int effects(struct dmc_judge *j, const struct dmc_event *event)
{
    const int64_t *item = j->expander->batch.effects.items + event->first_effect, *end = item + event->effects;
    int ok = 1;

    for (const int64_t *at = item; at < end; at += 1 + j->model->site[*at].values) {
        const struct dmc_site *site = &j->model->site[*at];

        if (site->kind == DMC_COVERS)
            cover(j, site->target);
        else if (site->kind == DMC_VIOLATES)
            ok = violated(j, event, (uint32_t)*at, at + 1) && ok;
    }
    for (const int64_t *at = item; at < end; at += 1 + j->model->site[*at].values)
        if (j->model->site[*at].kind == DMC_COLLECTS)
            ok = collected(j, event, j->model->site[*at].target, at + 1) && ok;
    return ok;
}

static int raced(struct dmc_judge *j, const struct dmc_event *event)
{
    int ok = 1;

    for (uint32_t i = 0; i < j->model->races; i++) {
        struct dmc_finding *finding = first(j, j->model->race_property[i], event, &ok);

        if (finding) {
            finding->raced = 1;
            finding->race = j->expander->race;
        }
    }
    return ok;
}

static int ended(struct dmc_judge *j, const struct dmc_event *event)
{
    const struct dmc_outcome *outcome = &j->model->outcome[event->outcome - 1];
    int ok = 1;

    j->outcomes[event->outcome - 1]++;
    for (uint32_t i = 0; i < outcome->properties; i++) {
        struct dmc_finding *finding = first(j, j->model->outcome_property[outcome->first + i], event, &ok);

        if (finding)
            finding->outcome = event->outcome;
    }
    return ok;
}

int dmc_judge_event(struct dmc_judge *j, const struct dmc_event *event)
{
    int ok = 1;

    if (event->flags & DMC_HAS_RACE)
        ok = raced(j, event);
    if (event->effects)
        ok = effects(j, event) && ok;
    if (event->flags & DMC_LOSES)
        for (uint32_t i = 0; i < j->model->lost; i++)
            if (event->lost >> i & 1)
                (void)first(j, j->model->lost_property[i], event, &ok);
    if (event->flags & DMC_ENDS_RUN)
        ok = ended(j, event) && ok;
    return ok;
}

int dmc_judge_state(struct dmc_judge *j, const struct dmc_event *event, const uint64_t *s, int *is_end)
{
    const struct dmc_model *m = j->model;
    int ok = 1;

    for (uint32_t i = 0; i < m->invariants; i++)
        if (!j->finding[m->invariant[i].target].found && !m->invariant[i].holds(s, m->thread))
            (void)first(j, m->invariant[i].target, event, &ok);
    for (uint32_t i = 0; i < m->reachable; i++)
        if (!is_covered(j, m->reach[i].target) && m->reach[i].holds(s, m->thread))
            cover(j, m->reach[i].target);
    *is_end = m->ends(s, m->thread) != 0;
    for (uint32_t i = 0; *is_end && i < m->at_end; i++)
        if (!j->finding[m->end_condition[i].target].found && !m->end_condition[i].holds(s, m->thread))
            (void)first(j, m->end_condition[i].target, event, &ok);
    return ok;
}

void dmc_judge_visit(struct dmc_judge *j, const uint64_t *s)
{
    for (uint32_t i = 0; i < j->model->threads; i++)
        j->visits[dmc_point(s, &j->model->thread[i])]++;
}
