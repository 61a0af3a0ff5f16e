// SPDX-License-Identifier: Apache-2.0
// Leak detection by overloaded operator new is off: it breaks the standard library's headers;
// the sanitizer build of ./test looks for leaks instead.
#include <CppUTest/CommandLineTestRunner.h>

int main(int argc, char** argv) {
    MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
    return CommandLineTestRunner::RunAllTests(argc, argv);
}
