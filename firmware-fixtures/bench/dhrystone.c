/* What Dhrystone mixes: assignments of records through pointers, strings compared and copied byte by byte, small functions with
   several arguments, globals, and two-dimensional arrays. */
#include "work.h"

typedef struct Record {
    struct Record *next;
    int kind, choice, number;
    char text[31];
} Record;

static Record first, second;
static Record *head = &first;
static int global_number, flag;
static char letter_1, letter_2;
static int row[50], table[50][50];

static NOINLINE void copy_text(char *to, const char *from) {
    while ((*to++ = *from++) != 0) BARRIER();
}
static NOINLINE int compare_text(const char *a, const char *b) {
    while (*a != 0 && *a == *b) ++a, ++b;
    return *a - *b;
}
static NOINLINE int same_letter(char a, char b) {
    if (a != b) return 0;
    letter_1 = a;
    return 1;
}
static NOINLINE int later_text(const char *a, const char *b) {
    int at = 2;
    char letter = 'A';
    while (at <= 2)
        if (!same_letter(a[at], b[at + 1])) {
            letter = 'A';
            ++at;
        }
    if (letter >= 'W' && letter < 'Z') at = 7;
    if (letter == 'R') return 1;
    if (compare_text(a, b) <= 0) return 0;
    global_number = at + 7;
    return 1;
}
static NOINLINE void add_two(int a, int b, int *sum) { *sum = a + 2 + b; }
static NOINLINE void fill(int *line, int (*square)[50], int at, int value) {
    const int place = at + 5;
    line[place] = value;
    line[place + 1] = line[place];
    line[place + 30] = place;
    for (int i = place; i <= place + 1; ++i) square[place][i] = place;
    ++square[place][place - 1];
    square[place + 20][place] = line[place];
    global_number = 5;
}
static NOINLINE void choose(int given, int *chosen) {
    *chosen = given;
    switch (given) {
        case 0: *chosen = 0; break;
        case 1: *chosen = global_number > 100 ? 0 : 3; break;
        case 2: *chosen = 1; break;
        case 4: *chosen = 2; break;
        default: break;
    }
}
static NOINLINE void follow(Record **to) {
    if (head != 0) *to = head->next;
    add_two(10, global_number, &head->number);
}
static NOINLINE void exchange(Record *record) {
    Record *next = record->next;
    *next = *head;
    record->number = 5;
    next->number = record->number;
    next->next = record->next;
    follow(&next->next);
    if (next->kind == 0) {
        next->number = 6;
        choose(record->choice, &next->choice);
        next->next = head->next;
        add_two(next->number, 10, &next->number);
    } else {
        *record = *record->next;
    }
}

uint32_t work(uint32_t times) {
    char text_1[31], text_2[31];
    int a = 0, b = 0, c = 0;
    first = (Record){&second, 0, 2, 40, ""};
    copy_text(first.text, "RECORDS AND TEXT, AN EXAMPLE..");
    copy_text(text_1, "RECORDS AND TEXT, FIRST LINE..");
    for (uint32_t n = 0; n < times; ++n) {
        letter_1 = 'A';
        letter_2 = 'B';
        a = 2;
        b = 3;
        copy_text(text_2, "RECORDS AND TEXT, NEXT LINE...");
        flag = !later_text(text_1, text_2);
        while (a < b) {
            c = 5 * a - b;
            add_two(a, b, &c);
            ++a;
        }
        fill(row, table, a, c);
        exchange(head);
        for (char letter = 'A'; letter <= letter_2; ++letter)
            if (same_letter(letter, 'C')) choose(0, &a);
        b = b * a;
        a = b / (c | 1);
        b = 7 * (b - c) - a;
    }
    return (uint32_t)(a + b + c + flag);
}
