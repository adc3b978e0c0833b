/* Where the story's protected places are (bank 1). */
#ifndef PROTECTED_H
#define PROTECTED_H

#define SECURE_AREA 0x08000000U        /* SCAR1 START 0x000, END 0x07F: 32 Kbytes, the secure bootloader */
#define PCROP_AREA 0x08040000U         /* PRAR1 START 0x400, END 0x401: 512 bytes, pcrop_add first */
#define RSS_PRIVATE_MEMORY 0x1FF00000U /* closed system flash */
#define UNIQUE_DEVICE_ID 0x1FF1E800U

#endif
