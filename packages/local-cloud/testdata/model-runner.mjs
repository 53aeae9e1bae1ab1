// Stands where the process that runs a model stands, and does what the last message asks for.
let counting;

process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  if (message.type === "abort") return stop(message.id);
  const { id, messages } = message;
  const wish = messages.at(-1).content;
  if (wish === "crash") {
    process.stderr.write("starting\nggml error: no such tensor\n");
    process.exit(7);
  }
  if (wish === "hang") return;
  if (wish === "too long") return process.send({ type: "failed", id, reason: "input", message: "the prompt is too long" });
  if (wish === "count" || wish === "deaf") {
    let number = 0;
    counting = { deaf: wish === "deaf", timer: setInterval(() => process.send({ type: "text", id, text: `${number++} ` }), 5) };
    return;
  }
  process.send({ type: "text", id, text: `${process.pid} ` });
  process.send({ type: "text", id, text: JSON.stringify(message) });
  process.send({ type: "end", id, finishReason: "stop", promptTokens: 3, completionTokens: 2 });
});
if (process.argv[2] === "does-not-load") process.exit(3);
process.send({ type: "ready" });

function stop(id) {
  if (!counting || counting.deaf) return;
  clearInterval(counting.timer);
  process.send({ type: "end", id, finishReason: "stop", promptTokens: 3, completionTokens: 2 });
}
