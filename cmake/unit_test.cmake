# SPDX-License-Identifier: Apache-2.0
set(CPPUTEST_DIR /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE})
find_library(CPPUTEST_LIBRARY CppUTest REQUIRED)
find_library(CPPUTEST_EXT_LIBRARY CppUTestExt REQUIRED)

# sweepgate_test_program(<target> SOURCES <file>... LIBRARIES <target>...)
# A CppUTest program with the tests' own main(). What links DPDK itself names PkgConfig::DPDK.
function(sweepgate_test_program target)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
    set(main unit_main)
    if("PkgConfig::DPDK" IN_LIST ARG_LIBRARIES)
        set(main unit_main_dpdk)
    endif()
    add_executable(${target} ${ARG_SOURCES} $<TARGET_OBJECTS:${main}>)
    target_link_libraries(${target} PRIVATE
        sweepgate_flags ${ARG_LIBRARIES} ${CPPUTEST_EXT_LIBRARY} ${CPPUTEST_LIBRARY})
    target_compile_options(${target} PRIVATE ${SWEEPGATE_TEST_FLAGS})
    sweepgate_precompile_as(${main} ${target})
endfunction()

# sweepgate_unit_test(NAME <name> SOURCES <file>... LIBRARIES <target>... [LABELS <label>...])
# One such program, run by ctest as unit.<name>.
function(sweepgate_unit_test)
    cmake_parse_arguments(ARG "" "NAME" "SOURCES;LIBRARIES;LABELS" ${ARGN})
    sweepgate_test_program(unit_${ARG_NAME} SOURCES ${ARG_SOURCES} LIBRARIES ${ARG_LIBRARIES})
    add_test(NAME unit.${ARG_NAME} COMMAND unit_${ARG_NAME})
    set_tests_properties(unit.${ARG_NAME} PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 300)
endfunction()
