"""The completion scripts: each hands the words up to the cursor to fairlead and shows what it answers."""

from __future__ import annotations

_BASH = r"""# fairlead's completion for bash:  eval "$(fairlead completion bash)"
_fairlead() {
    local program=${1/#\~\//$HOME/} line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default 2>/dev/null ;;
            :folders) compopt -o dirnames 2>/dev/null ;;
            ?*) COMPREPLY+=("$line") ;;
        esac
    done < <(_FAIRLEAD_COMPLETE=bash "$program" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case ${COMPREPLY[0]-} in
        --*=*) [[ $COMP_WORDBREAKS == *=* ]] && COMPREPLY=("${COMPREPLY[@]#*=}") ;;
    esac
}
complete -F _fairlead fairlead
"""

_ZSH = r"""#compdef fairlead
# fairlead's completion for zsh:  eval "$(fairlead completion zsh)"
_fairlead() {
    local line value
    local -a plain told
    while IFS= read -r line; do
        case $line in
            :files) _files ;;
            :folders) _files -/ ;;
            *$'\t'*) value=${line%%$'\t'*}; told+=("${value//:/\\:}:${line#*$'\t'}") ;;
            ?*) plain+=("$line") ;;
        esac
    done < <(_FAIRLEAD_COMPLETE=zsh "${(Q)words[1]/#\~\//$HOME/}" "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    (( ${#plain} )) && compadd -Q -- "${plain[@]}"
    (( ${#told} )) && _describe -t values fairlead told
    return 0
}
if [[ ${zsh_eval_context[-1]-} == loadautofunc ]]; then
    _fairlead "$@"
else
    compdef _fairlead fairlead
fi
"""

_FISH = r"""# fairlead's completion for fish:  fairlead completion fish | source
function _fairlead
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (env _FAIRLEAD_COMPLETE=fish $words[1] $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :folders
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete --no-files --command fairlead --arguments '(_fairlead)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
