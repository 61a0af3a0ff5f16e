# SPDX-License-Identifier: Apache-2.0
# Completion for sweepgate in fish: the program itself knows what may follow.
function __sweepgate_complete
    set -l typed (commandline -opc)
    set -l word (commandline -ct)
    set -l found ($typed[1] __complete $typed[2..-1] "$word" 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path "$word"
    else
        printf '%s\n' $found
    end
end
complete -c sweepgate -f -a '(__sweepgate_complete)'
