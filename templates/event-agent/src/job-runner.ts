import { DurableObject } from "cloudflare:workers";

/** Runs one job through its alarm. */
export class JobRunner extends DurableObject<Env> {
  async start(id: string): Promise<void> {
    await this.ctx.storage.put("id", id);
    await this.ctx.storage.setAlarm(Date.now());
  }

  override async alarm(): Promise<void> {
    const id = await this.ctx.storage.get<string>("id");
    const job = await this.env.DB.prepare("SELECT request FROM jobs WHERE id = ?1")
      .bind(id)
      .first<{ request: string }>();
    if (!job) return;
    const request: { input: { text: string } } = JSON.parse(job.request);
    const model = "@cf/meta/llama-3.1-8b-instruct-fast";
    const answer = await this.env.AI.run(model, {
      messages: [{ role: "user", content: `Summarize:\n${request.input.text}` }],
    });
    await this.env.RESULTS.put(`default/${id}`, JSON.stringify(answer));
    await this.env.DB.prepare("UPDATE jobs SET status = 'done', model = ?2, result_key = ?3 WHERE id = ?1")
      .bind(id, model, `default/${id}`)
      .run();
  }
}
