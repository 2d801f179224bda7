-- Sends the targets of a file in turn, beginning at an offset, and reports as one line of JSON.
-- Arguments: FILE OFFSET. Without them the request of the command line is repeated.
function init(args)
  if #args < 2 then return end
  local requests, position = {}, tonumber(args[2])
  for target in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", target)
  end
  request = function()
    position = position % #requests + 1
    return requests[position]
  end
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "status": %d, "broken": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
