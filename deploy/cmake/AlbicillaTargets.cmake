# The two ways to say what is built. A target per folder; the arrows of the house are its DEPENDS.

find_program(ALBICILLA_CCACHE ccache)
if(ALBICILLA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ALBICILLA_CCACHE})
  if(ALBICILLA_PRECOMPILE)  # else ccache stores nothing that uses precompiled headers
    list(PREPEND CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros)
  endif()
endif()

# Flags that every target of ours gets; third-party headers come in as SYSTEM and stay silent.
add_library(albicilla_flags INTERFACE)
target_compile_features(albicilla_flags INTERFACE cxx_std_20)
target_compile_options(albicilla_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${ALBICILLA_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlapping copies in std::string's own operator+ (GCC bug 105651).
  target_compile_options(albicilla_flags INTERFACE -Wno-restrict)
endif()
target_include_directories(albicilla_flags INTERFACE
  ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
if(ALBICILLA_SANITIZE)
  target_compile_options(albicilla_flags INTERFACE
    -fsanitize=${ALBICILLA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(albicilla_flags INTERFACE -fsanitize=${ALBICILLA_SANITIZE})
  # A sanitizer build has no use for the optimiser's guesses: about uninitialised values, and about
  # the operators new and delete of Asio's frames, whose inlining it sees only in part.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(albicilla_flags INTERFACE
      -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
  endif()
endif()
if(ALBICILLA_FUZZ)
  target_compile_options(albicilla_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# albicilla_library(sse SOURCES a.cc b.cc DEPENDS albicilla::base dep::simdjson)
# makes albicilla::sse from files of the calling folder. Without SOURCES: headers only.
function(albicilla_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  if(ARG_SOURCES)
    add_library(albicilla_${name} STATIC ${ARG_SOURCES})
    set_target_properties(albicilla_${name} PROPERTIES CXX_EXTENSIONS OFF)
    target_link_libraries(albicilla_${name} PUBLIC albicilla_flags ${ARG_DEPENDS})
  else()
    add_library(albicilla_${name} INTERFACE)
    target_link_libraries(albicilla_${name} INTERFACE albicilla_flags ${ARG_DEPENDS})
  endif()
  add_library(albicilla::${name} ALIAS albicilla_${name})
endfunction()

# albicilla_binary(albicilla-proxy SOURCES main.cc DEPENDS albicilla::proxy)
function(albicilla_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES
    CXX_EXTENSIONS OFF RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  target_link_libraries(${name} PRIVATE albicilla_flags ${ARG_DEPENDS})
endfunction()

# The headers that make up two thirds of a small test's compilation, compiled once for all of them.
function(albicilla_precompiled_test_headers)
  set(source ${PROJECT_BINARY_DIR}/generated/test_headers.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Nothing: its headers are what it is for.\n")
  add_library(albicilla_test_headers OBJECT ${source})
  set_target_properties(albicilla_test_headers PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(albicilla_test_headers PRIVATE albicilla_flags dep::gtest)
  target_compile_options(albicilla_test_headers PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O0> -pthread)
  target_precompile_headers(albicilla_test_headers PRIVATE
    <gmock/gmock.h> <gtest/gtest.h> <algorithm> <chrono> <filesystem> <fstream> <map> <optional>
    <random> <set> <string> <string_view> <thread> <vector>)
endfunction()

# albicilla_test(unit sse_parser_test.cc DEPENDS albicilla::sse), said in tests/unit/common/sse.
# One program per file; every case is a ctest of its own, labelled "unit".
# TIMEOUT is per case, in seconds (default 300, for what hangs; a busy machine takes its time); a sanitizer build
# has four times as long.
function(albicilla_test label source)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "DEPENDS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(ALBICILLA_SANITIZE)
    math(EXPR ARG_TIMEOUT "4 * ${ARG_TIMEOUT}")
  endif()
  file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR}/${source})
  string(REGEX REPLACE "\\.cc$" "" name ${name})
  string(REPLACE "/" "." name ${name})
  add_executable(${name} ${source})
  set_target_properties(${name} PROPERTIES
    CXX_EXTENSIONS OFF RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE albicilla_flags ${ARG_DEPENDS} dep::gtest)
  # What is tested is optimised as users get it; optimising the test cases only costs CI time.
  target_compile_options(${name} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O0>)
  if(ALBICILLA_PRECOMPILE)
    if(NOT TARGET albicilla_test_headers)
      albicilla_precompiled_test_headers()
    endif()
    target_compile_options(${name} PRIVATE -pthread)  # some have it from a library
    target_precompile_headers(${name} REUSE_FROM albicilla_test_headers)
  endif()
  target_compile_definitions(${name} PRIVATE
    ALBICILLA_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ALBICILLA_BINARY_DIR="${PROJECT_BINARY_DIR}")
  set(properties LABELS ${label} TIMEOUT ${ARG_TIMEOUT})
  if(ARG_SERIAL)
    list(APPEND properties RUN_SERIAL ON)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${label}/"
    PROPERTIES ${properties})
endfunction()

# albicilla_script_test(style arrows COMMAND tests/style/arrows.sh)
function(albicilla_script_test label name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "COMMAND" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(ALBICILLA_SANITIZE)
    math(EXPR ARG_TIMEOUT "4 * ${ARG_TIMEOUT}")
  endif()
  add_test(NAME ${label}/${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${label}/${name} PROPERTIES LABELS ${label} TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "ALBICILLA_SOURCE_DIR=${PROJECT_SOURCE_DIR};ALBICILLA_BINARY_DIR=${PROJECT_BINARY_DIR}")
  if(ARG_SERIAL)
    set_tests_properties(${label}/${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()

# albicilla_fuzzer(sse_parser DEPENDS albicilla::sse): tests/fuzz/sse_parser_fuzz.cc, seeds beside it.
# Without ALBICILLA_FUZZ the same file runs once over its seeds as a unit test, so it cannot rot.
function(albicilla_fuzzer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  set(target fuzz_${name})
  if(ALBICILLA_FUZZ)
    add_executable(${target} ${name}_fuzz.cc)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${target} ${name}_fuzz.cc ${PROJECT_SOURCE_DIR}/tests/fuzz/run_seeds.cc)
    add_test(NAME fuzz/${name} COMMAND ${target} ${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name})
    set_tests_properties(fuzz/${name} PROPERTIES LABELS unit TIMEOUT 60)
  endif()
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  target_link_libraries(${target} PRIVATE albicilla_flags ${ARG_DEPENDS})
endfunction()
