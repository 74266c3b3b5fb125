#!/usr/bin/env bash
# Looks after the translations: */translations/zh_Hans_CN/LC_MESSAGES/messages.po, one per service
# and one for shared. English is what stands in the source.
#
# usage: translations.sh compile            make the .mo files, which are not kept in the repository
#        translations.sh extract FOLDER     print the texts of a service or of shared, untranslated
#        translations.sh update             bring the .po files up to date with the source
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
pybabel=${VENV:-.venv}/bin/pybabel
LANGUAGE=zh_Hans_CN

# Errors carry their text to the person who caused them: their class names are keywords too.
KEYWORDS=(
  lazy_gettext _l translate ValidationError
  Malformed Unauthenticated Forbidden NotFound Conflict VersionMoved Rejected VersionMissing
  Throttled Unavailable StepUpRequired
)

compile() {
  local po mo
  for po in shared/web/translations/*/LC_MESSAGES/messages.po services/*/translations/*/LC_MESSAGES/messages.po; do
    mo=${po%.po}.mo
    [[ -e $po && ! $mo -nt $po ]] || continue
    echo "Compiling $po"
    "$pybabel" --quiet compile --input-file="$po" --output-file="$mo"
  done
}

extract() { # extract SOURCE
  "$pybabel" --quiet extract --mapping-file=babel.cfg "${KEYWORDS[@]/#/--keyword=}" \
    --no-location --sort-output --output-file=/dev/stdout "$1"
}

# All that a catalogue needs to say of itself; Babel's own header changes with every run.
header() {
  printf '%s\n' 'msgid ""' 'msgstr ""' '"Content-Type: text/plain; charset=utf-8\n"' \
    "\"Language: $LANGUAGE\\n\"" '"Plural-Forms: nplurals=1; plural=0;\n"' ''
}

update_one() { # update_one SOURCE TRANSLATIONS
  local po=$2/$LANGUAGE/LC_MESSAGES/messages.po draft
  draft=$(mktemp -d)
  extract "$1" > "$draft/messages.pot"
  mkdir -p "$(dirname "$po")"
  [[ -e $po ]] || header > "$po"
  "$pybabel" --quiet update --no-fuzzy-matching --ignore-obsolete --omit-header \
    --input-file="$draft/messages.pot" --output-dir="$2" --locale="$LANGUAGE"
  { header && sed '/./,$!d' "$po"; } > "$draft/messages.po"
  cp "$draft/messages.po" "$po"
  rm -rf "$draft"
}

update() {
  local service
  update_one shared shared/web/translations
  for service in services/*/manifest.py; do
    update_one "${service%/manifest.py}" "${service%/manifest.py}/translations"
  done
}

case ${1:-} in
  compile | update) "$1" ;;
  extract) extract "${2:?FOLDER}" ;;
  *) echo "usage: translations.sh compile|extract FOLDER|update" >&2 && exit 64 ;;
esac
