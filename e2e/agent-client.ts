/** What the specs need of the event-agent's API. */
export interface Agent {
  readonly url: string;
  readonly apiKey: string;
}

export interface Job {
  id: string;
  status: string;
  attempts: number;
}

/** Submits a job that summarises a text. */
export async function submit(agent: Agent, text: string, more: Record<string, unknown> = {}): Promise<Job> {
  const response = await fetch(`${agent.url}/v1/jobs`, {
    method: "POST",
    headers: { authorization: `Bearer ${agent.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ task: "summarize", input: { text }, ...more }),
  });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Job;
}

export async function readJob(agent: Agent, id: string): Promise<Job> {
  const response = await fetch(`${agent.url}/v1/jobs/${id}`, { headers: { authorization: `Bearer ${agent.apiKey}` } });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Job;
}
