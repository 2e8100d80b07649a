// Frameworks that people build with, each with a small conversation that uses a tool: they read every
// chunk by schemas of their own, so whatever a proxy invents or drops breaks one of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { ChatAnthropic } from '@langchain/anthropic';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool as agentTool } from '@openai/agents';
import { generateText, stepCountIs, streamText, tool as aiTool } from 'ai';
import { z } from 'zod';

import { key, newSuite } from './suite.mjs';

const suite = newSuite('frameworks', { flags: (url) => ['--anthropic-upstream', url] });
const { check } = suite;
const city = z.object({ city: z.string() });
const script = '[[script weather {"city":"Bern"} ;; say It rains]]';

// The lines of a conversation with one tool turn: a call, then a text.
async function checkToolTurn(session) {
  assert.equal(session.exchanges.length, 2);
  const lines = await check(session);
  lines?.forEach((line) => assert.equal(line.exchange.ending, 'complete'));
}

for (const [name, Model] of [['openai', ChatOpenAI], ['anthropic', ChatAnthropic]]) {
  test(`langchain with ${name}: a streamed tool turn`, async () => {
    const session = suite.newSession();
    const options = { fetch: session.fetch, defaultHeaders: session.headers };
    const model = new Model(name === 'openai'
      ? { model: 'gpt-4o', apiKey: key, maxRetries: 0, configuration: { baseURL: `${session.url}/v1`, ...options } }
      : { model: 'claude-test', apiKey: key, maxRetries: 0, anthropicApiUrl: session.url, clientOptions: options });
    const weather = langchainTool(async () => 'rain', { name: 'weather', description: 'weather', schema: city });
    const bound = model.bindTools([weather]);
    const read = async (messages) => {
      let all;
      for await (const chunk of await bound.stream(messages)) all = all ? all.concat(chunk) : chunk;
      return all;
    };
    const messages = [new HumanMessage(`${session.text()} ${script}`)];
    const first = await read(messages);
    assert.deepEqual(first.tool_calls[0].args, { city: 'Bern' });
    const result = new ToolMessage({ content: 'rain', tool_call_id: first.tool_calls[0].id });
    const second = await read([...messages, first, result]);
    assert.match(second.text, /It rains/);
    await checkToolTurn(session);
  });
}

for (const [name, modelOf] of [
  ['openai chat', (session) => createOpenAI({ apiKey: key, baseURL: `${session.url}/v1`, fetch: session.fetch, headers: session.headers }).chat('gpt-4o')],
  ['openai responses', (session) => createOpenAI({ apiKey: key, baseURL: `${session.url}/v1`, fetch: session.fetch, headers: session.headers }).responses('gpt-4o')],
  ['anthropic', (session) => createAnthropic({ apiKey: key, baseURL: `${session.url}/v1`, fetch: session.fetch, headers: session.headers })('claude-test')],
]) {
  for (const streamed of [false, true]) {
    test(`ai sdk with ${name}: a ${streamed ? 'streamed' : 'plain'} tool turn`, async () => {
      const session = suite.newSession();
      const ask = {
        model: modelOf(session),
        prompt: `${session.text()} ${script}`,
        tools: { weather: aiTool({ inputSchema: city, execute: async () => 'rain' }) },
        stopWhen: stepCountIs(5),
        maxRetries: 0,
      };
      const text = streamed ? await streamText(ask).text : (await generateText(ask)).text;
      assert.match(text, /It rains/);
      await checkToolTurn(session);
    });
  }
}

// The agents package brings an `openai` of its own that asks for Node.js 22.
const tooOld = Number(process.versions.node.split('.')[0]) < 20;
for (const useResponses of [false, true]) {
  test(`openai agents over ${useResponses ? 'responses' : 'chat'}`, { skip: tooOld }, async () => {
    setTracingDisabled(true);
    const session = suite.newSession();
    const { OpenAI } = await import('openai');
    const openAIClient = new OpenAI({ apiKey: key, baseURL: `${session.url}/v1`, maxRetries: 0, fetch: session.fetch, defaultHeaders: session.headers });
    const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient, useResponses }) });
    const agent = new Agent({
      name: 'weather agent',
      model: 'gpt-4o',
      instructions: 'Use the tool.',
      tools: [agentTool({ name: 'weather', description: 'weather', parameters: city, execute: async () => 'rain' })],
    });
    const result = await runner.run(agent, `${session.text()} ${script}`);
    assert.match(result.finalOutput, /It rains/);
    await checkToolTurn(session);
  });
}
