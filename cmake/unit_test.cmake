# SPDX-License-Identifier: Apache-2.0
# sweepgate_unit_test(NAME <name> SOURCES <file>... LIBRARIES <target>... [LABELS <label>...])
# One CppUTest program, run by ctest as unit.<name>.
set(CPPUTEST_DIR /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE})
find_library(CPPUTEST_LIBRARY CppUTest REQUIRED)
find_library(CPPUTEST_EXT_LIBRARY CppUTestExt REQUIRED)

function(sweepgate_unit_test)
    cmake_parse_arguments(ARG "" "NAME" "SOURCES;LIBRARIES;LABELS" ${ARGN})
    add_executable(unit_${ARG_NAME} ${ARG_SOURCES} ${CMAKE_SOURCE_DIR}/tests/unit/main.cpp)
    target_link_libraries(unit_${ARG_NAME} PRIVATE
        sweepgate_flags ${ARG_LIBRARIES} ${CPPUTEST_EXT_LIBRARY} ${CPPUTEST_LIBRARY})
    add_test(NAME unit.${ARG_NAME} COMMAND unit_${ARG_NAME})
    set_tests_properties(unit.${ARG_NAME} PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 300)
endfunction()
