// Parquet files, read by hyparquet and by DuckDB.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Scratch, makeLog, rowsOf } from './conversion.mjs';

const scratch = new Scratch();
after(() => scratch.remove());
const logs = join(scratch.path, 'made');
mkdirSync(logs);
execFileSync(process.execPath, [makeLog, join(logs, 'log.jsonl'), '40', '0']);  // several row groups
const output = scratch.convert(logs, 'parquet');
const path = join(output, 'conversations.parquet');
const meta = rowsOf(join(output, 'conversations.meta.jsonl'));
const trl = scratch.rows(logs, 'trl');

test('hyparquet reads every row and finds what trl has', async () => {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  assert.equal(Number(metadata.num_rows), meta.length);
  assert.ok(metadata.row_groups.length > 1);
  const rows = await parquetReadObjects({ file, compressors });
  assert.equal(rows.length, trl.length);
  rows.forEach((row, i) => {
    assert.equal(row.id, meta[i].id);
    assert.equal(row.session, meta[i].session);
    assert.deepEqual(JSON.parse(row.messages).map((m) => m.content), trl[i].messages.map((m) => m.content));
  });
});

test('DuckDB reads the same rows and looks inside the JSON', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const read = async (sql) => (await connection.runAndReadAll(sql)).getRowsJS();
  const [[count, distinct]] = await read(`select count(*), count(distinct id) from '${path}'`);
  assert.equal(Number(count), meta.length);
  assert.equal(Number(distinct), new Set(meta.map((row) => row.id)).size);
  const columns = await read(`select column_name, column_type from (describe select * from '${path}')`);
  assert.deepEqual(columns.map(([name, type]) => `${name} ${type}`), ['id VARCHAR', 'session VARCHAR', 'user VARCHAR',
    'model VARCHAR', 'started_at VARCHAR', 'messages VARCHAR', 'tools VARCHAR']);
  const rows = await read(`select id, messages from '${path}' order by id`);
  const byId = meta.map((row, i) => [row.id, trl[i]]).sort(([a], [b]) => (a < b ? -1 : 1));
  rows.forEach(([id, messages], i) => {
    assert.equal(id, byId[i][0]);
    assert.equal(JSON.parse(messages)[1].content, byId[i][1].messages[1].content);
  });
  const groups = await read(`select count(distinct row_group_id) from parquet_metadata('${path}')`);
  assert.ok(Number(groups[0][0]) > 1);
});
