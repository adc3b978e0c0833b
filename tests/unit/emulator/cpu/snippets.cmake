# The guest code of the core tests: assembled when the tests are built, linked at 0x08000000 and turned into a header
# with its bytes and the address of every label.
find_program(ARM_AS arm-none-eabi-as REQUIRED)
find_program(ARM_LD arm-none-eabi-ld REQUIRED)
find_program(ARM_OBJCOPY arm-none-eabi-objcopy REQUIRED)
find_program(ARM_NM arm-none-eabi-nm REQUIRED)

set(snippets ${CMAKE_CURRENT_LIST_DIR}/snippets.s)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/cpu_snippets)
file(MAKE_DIRECTORY ${generated})
add_custom_command(OUTPUT ${generated}/snippets.hpp
  COMMAND ${ARM_AS} -mcpu=cortex-m7 -mfpu=fpv5-d16 -mthumb -o ${generated}/snippets.o ${snippets}
  COMMAND ${ARM_LD} -Ttext=0x08000000 -e vectors -o ${generated}/snippets.elf ${generated}/snippets.o
  COMMAND ${ARM_OBJCOPY} -O binary ${generated}/snippets.elf ${generated}/snippets.bin
  COMMAND ${ARM_NM} -n ${generated}/snippets.elf > ${generated}/snippets.sym
  COMMAND ${CMAKE_COMMAND} -Dbin=${generated}/snippets.bin -Dsym=${generated}/snippets.sym
          -Dout=${generated}/snippets.hpp -P ${CMAKE_CURRENT_LIST_DIR}/make_header.cmake
  DEPENDS ${snippets} ${CMAKE_CURRENT_LIST_DIR}/make_header.cmake)
target_sources(cpu_test PRIVATE ${generated}/snippets.hpp)
target_include_directories(cpu_test PRIVATE ${generated})
