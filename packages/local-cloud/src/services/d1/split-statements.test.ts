import { expect, it } from "vitest";
import { onlyReads, splitStatements } from "./split-statements.ts";

const trigger = `CREATE TRIGGER log AFTER INSERT ON a BEGIN
  UPDATE b SET n = CASE WHEN NEW.x > 1 THEN 1 ELSE 2 END;
  INSERT INTO c VALUES ('x;y');
END`;

it.each<[string, string, string[]]>([
  ["one", "SELECT 1", ["SELECT 1"]],
  ["several", "SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]],
  ["nothing", " -- only a comment\n;; /* and ; another */", []],
  [
    "a semicolon in a string",
    "INSERT INTO a VALUES ('x; ''y'';'); SELECT 1",
    ["INSERT INTO a VALUES ('x; ''y'';')", "SELECT 1"],
  ],
  ["quoted names", 'SELECT ";", `;`, [;]; SELECT 2', ['SELECT ";", `;`, [;]', "SELECT 2"]],
  ["comments inside", "SELECT 1 -- a; b\n, 2; SELECT /* ; */ 3", ["SELECT 1 -- a; b\n, 2", "SELECT /* ; */ 3"]],
  ["a trigger", `${trigger}; SELECT 1`, [trigger, "SELECT 1"]],
  [
    "a temporary trigger",
    "create temp trigger t after delete on a begin select 1; end; select 2",
    ["create temp trigger t after delete on a begin select 1; end", "select 2"],
  ],
  ["CASE outside a trigger", "SELECT CASE WHEN 1 THEN 2 END; SELECT 3", ["SELECT CASE WHEN 1 THEN 2 END", "SELECT 3"]],
  [
    "columns named like keywords",
    "CREATE TABLE a (begin_at TEXT); SELECT 1",
    ["CREATE TABLE a (begin_at TEXT)", "SELECT 1"],
  ],
  ["an open string", "SELECT 'a;b", ["SELECT 'a;b"]],
])("splits %s", (_, sql, statements) => {
  expect(splitStatements(sql)).toEqual(statements);
});

it.each([
  ["SELECT 1", true],
  ["  -- note\n with a as (select 1) select * from a", true],
  ["WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a", false],
  ["INSERT INTO a VALUES (1) RETURNING *", false],
  ["PRAGMA foreign_keys = OFF", false],
])("%s only reads: %s", (sql, expected) => {
  expect(onlyReads(sql)).toBe(expected);
});
