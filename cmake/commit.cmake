# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT, a C++ file that knows the commit of SOURCE, when it has changed. Run at each build:
# one small file is compiled and the programs are linked again after a commit, and nothing else.
execute_process(
    COMMAND git -c safe.directory=* -C ${SOURCE} describe --always --dirty --abbrev=7 --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
# A tarball inside somebody else's repository is not that repository's commit.
if(failed OR NOT EXISTS ${SOURCE}/.git)
    set(commit unknown)
endif()
set(text "// SPDX-License-Identifier: Apache-2.0
#include \"controlplane/model/version.hpp\"

namespace sweepgate {

std::string_view commit() { return \"${commit}\"; }

} // namespace sweepgate
")
if(EXISTS ${OUTPUT})
    file(READ ${OUTPUT} before)
endif()
if(NOT "${before}" STREQUAL "${text}")
    file(WRITE ${OUTPUT} "${text}")
endif()
