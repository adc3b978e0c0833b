/* What CoreMark mixes: linked lists (search, reversal, merge sort through a comparison function), integer matrices, a state
   machine over text, and a CRC over everything. */
#include "work.h"

typedef struct Item {
    struct Item *next;
    int16_t value, place;
} Item;
typedef int (*Compare)(const Item *, const Item *);

#define ITEMS 128
#define SIDE 12
static Item items[ITEMS];
static int16_t left[SIDE][SIDE], right[SIDE][SIDE];
static int32_t product[SIDE][SIDE];

static NOINLINE uint16_t crc_byte(uint16_t crc, uint8_t data) {
    crc ^= data;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (uint16_t)(crc >> 1 ^ 0xA001) : (uint16_t)(crc >> 1);
    return crc;
}
static NOINLINE uint16_t crc_word(uint16_t crc, uint32_t data) {
    for (int shift = 0; shift < 32; shift += 8) crc = crc_byte(crc, (uint8_t)(data >> shift));
    return crc;
}

static NOINLINE int by_value(const Item *a, const Item *b) { return a->value - b->value; }
static NOINLINE int by_place(const Item *a, const Item *b) { return a->place - b->place; }

static NOINLINE Item *find(Item *list, int place) {
    while (list != 0 && list->place != place) list = list->next;
    return list;
}
static NOINLINE Item *reverse(Item *list) {
    Item *done = 0;
    while (list != 0) {
        Item *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}
static NOINLINE Item *merge(Item *a, Item *b, Compare compare) {
    Item head, *end = &head;
    while (a != 0 && b != 0) {
        Item **least = compare(a, b) <= 0 ? &a : &b;
        end->next = *least;
        end = *least;
        *least = end->next;
    }
    end->next = a != 0 ? a : b;
    return head.next;
}
static NOINLINE Item *sort(Item *list, Compare compare) {
    if (list == 0 || list->next == 0) return list;
    Item *middle = list;
    for (Item *end = list->next; end != 0 && end->next != 0; end = end->next->next) middle = middle->next;
    Item *second = middle->next;
    middle->next = 0;
    return merge(sort(list, compare), sort(second, compare), compare);
}

static NOINLINE uint32_t multiply(void) {
    uint32_t sum = 0;
    for (int i = 0; i < SIDE; ++i)
        for (int j = 0; j < SIDE; ++j) {
            int32_t cell = 0;
            for (int k = 0; k < SIDE; ++k) {
                const int32_t x = left[i][k] * right[k][j];
                cell += (x >> 2 & 0xF) * (x >> 5 & 0x7F);
            }
            product[i][j] = cell;
            sum += (uint32_t)cell;
        }
    return sum;
}

enum State { kBegin, kSign, kInteger, kPoint, kExponent, kScale, kInvalid, kStates };
static uint32_t visits[kStates];
static const char *const kNumbers[] = {"5012", "1234", "-874", "+122", "35.54400", ".1234500", "-110.700", "+0.64400",
                                       "5.500e+3", "-.123e-2", "-87e+832", "+0.6e-12", "T0.3e-1F", "-T.T++Tq", "1T3.4e4z", "34.0e-T^"};

static NOINLINE enum State parse(const char *text) {
    enum State state = kBegin;
    for (; *text != 0 && state != kInvalid; ++text) {
        const char c = *text;
        const int digit = c >= '0' && c <= '9';
        ++visits[state];
        switch (state) {
            case kBegin: state = digit ? kInteger : c == '+' || c == '-' ? kSign : c == '.' ? kPoint : kInvalid; break;
            case kSign: state = digit ? kInteger : c == '.' ? kPoint : kInvalid; break;
            case kInteger: state = digit ? kInteger : c == '.' ? kPoint : c == 'e' ? kExponent : kInvalid; break;
            case kPoint: state = digit ? kPoint : c == 'e' ? kExponent : kInvalid; break;
            case kExponent: state = c == '+' || c == '-' ? kScale : kInvalid; break;
            default: state = digit ? kScale : kInvalid; break;
        }
    }
    return state;
}

uint32_t work(uint32_t times) {
    for (int i = 0; i < ITEMS; ++i) items[i] = (Item){i + 1 < ITEMS ? &items[i + 1] : 0, (int16_t)(i * 97 & 0x7F), (int16_t)i};
    for (int i = 0; i < SIDE * SIDE; ++i) {
        left[i / SIDE][i % SIDE] = (int16_t)(i * 7 + 3);
        right[i / SIDE][i % SIDE] = (int16_t)(i * 13 + 1);
    }
    Item *list = items;
    uint16_t crc = 0;
    for (uint32_t n = 0; n < times; ++n) {
        list = sort(list, by_value);
        crc = crc_word(crc, (uint32_t)list->place);
        list = reverse(list);
        for (int i = 0; i < 16; ++i) crc = crc_byte(crc, (uint8_t)find(list, i * 11 & 0x7F)->value);
        list = sort(list, by_place);
        crc = crc_word(crc, multiply());
        for (uint32_t i = 0; i < 32; ++i) crc = crc_byte(crc, (uint8_t)parse(kNumbers[(i + n) % 16]));
        for (int i = 0; i < kStates; ++i) crc = crc_word(crc, visits[i]);
        left[n % SIDE][n / SIDE % SIDE] ^= (int16_t)crc;
    }
    return crc;
}
