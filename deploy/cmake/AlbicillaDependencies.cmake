# Every third-party library under one short name, dep::<name>. All come from Debian packages
# (deploy/packages.txt). A header of theirs appears only in the edge file that wraps it.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

function(albicilla_dependency name)
  add_library(dep_${name} INTERFACE)
  target_link_libraries(dep_${name} INTERFACE ${ARGN})
  add_library(dep::${name} ALIAS dep_${name})
endfunction()

foreach(module IN ITEMS libzmq libzstd libbrotlidec libbrotlienc re2 rdkafka cpp-httplib)
  string(MAKE_C_IDENTIFIER ${module} prefix)
  pkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET ${module})
endforeach()

albicilla_dependency(threads Threads::Threads)
# Stands in for malloc in what runs long: a tenth less CPU a request than glibc's, and memory goes
# back after a burst of streams. A sanitizer brings its own.
if(ALBICILLA_SANITIZE)
  albicilla_dependency(allocator)
else()
  find_package(mimalloc REQUIRED)
  albicilla_dependency(allocator mimalloc)
endif()
albicilla_dependency(nlohmann nlohmann_json::nlohmann_json)
albicilla_dependency(simdjson simdjson::simdjson)
albicilla_dependency(openssl OpenSSL::SSL OpenSSL::Crypto)
albicilla_dependency(zlib ZLIB::ZLIB)
albicilla_dependency(zstd PkgConfig::libzstd)
albicilla_dependency(brotli PkgConfig::libbrotlidec)
albicilla_dependency(brotli_encoder PkgConfig::libbrotlienc)
albicilla_dependency(re2 PkgConfig::re2)
albicilla_dependency(sqlite SQLite::SQLite3)
albicilla_dependency(rdkafka PkgConfig::rdkafka)
albicilla_dependency(cli11 CLI11::CLI11)
albicilla_dependency(spdlog spdlog::spdlog)
albicilla_dependency(prometheus prometheus-cpp::core)
albicilla_dependency(gtest GTest::gmock GTest::gtest_main)
albicilla_dependency(benchmark benchmark::benchmark_main)
albicilla_dependency(zmq PkgConfig::libzmq Threads::Threads)  # cppzmq is headers only
albicilla_dependency(httplib PkgConfig::cpp_httplib OpenSSL::SSL Threads::Threads)
if(TARGET yaml-cpp::yaml-cpp)
  albicilla_dependency(yaml yaml-cpp::yaml-cpp)
else()
  albicilla_dependency(yaml yaml-cpp)
endif()

# Hashes many texts side by side. Only where its package exists (x86-64): elsewhere OpenSSL hashes
# them one by one.
find_library(ALBICILLA_MULTI_BUFFER IPSec_MB)
if(ALBICILLA_MULTI_BUFFER)
  albicilla_dependency(multi_buffer ${ALBICILLA_MULTI_BUFFER})
else()
  albicilla_dependency(multi_buffer)
endif()

# msgpack-cxx is headers only and its package changed names between releases.
find_path(ALBICILLA_MSGPACK_INCLUDE msgpack.hpp REQUIRED)
albicilla_dependency(msgpack)

# Asio and Beast compiled once, by common flags that every user must share (see albicilla::beast).
albicilla_dependency(beast_headers Boost::headers OpenSSL::SSL Threads::Threads)
target_compile_definitions(dep_beast_headers INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED
  # Boost 1.74 looks for coroutines of Clang only where Clang no longer has them.
  $<$<CXX_COMPILER_ID:Clang>:BOOST_ASIO_HAS_CO_AWAIT=1>)
