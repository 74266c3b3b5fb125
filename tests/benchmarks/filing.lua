-- wrk's requests: each files a dispute of its own, by one of the actors in turn.
-- wrk … -- TEMPLATE TOKENS PREFIX : a whole request with @TOKEN@, @KEY@ and @NUMBER@ in it.

local pieces, tokens, prefix, count = {}, {}, "", 0

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  local text = read(args[1])
  for token in read(args[2]):gmatch("%S+") do tokens[#tokens + 1] = token end
  prefix = args[3]
  for mark in ("@TOKEN@ @KEY@ @NUMBER@"):gmatch("%S+") do
    local from, to = text:find(mark, 1, true)
    pieces[#pieces + 1] = text:sub(1, from - 1)
    text = text:sub(to + 1)
  end
  pieces[#pieces + 1] = text
end

function request()
  count = count + 1
  local number = string.format("%010d", count)
  return pieces[1] .. tokens[count % #tokens + 1] .. pieces[2] .. prefix .. number
    .. pieces[3] .. number .. pieces[4]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'FIGURES {"requests": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
