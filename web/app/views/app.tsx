/** The page from top to bottom. */
import { about, failure } from "../state";
import { Explain } from "./explain";
import { Files } from "./files";
import { HouseRules } from "./house-rules";
import { Missing } from "./missing";
import { Result } from "./result";
import { RuleReader } from "./rule-reader";
import { Run } from "./run";
import { Settings } from "./settings";
import { Trouble } from "./trouble";

export function App() {
  return (
    <>
      <a class="skip" href="#your-files">
        Skip to the files
      </a>
      <header class="top">
        <div>
          <h1>capelint</h1>
          <p class="soft">Check a CAPE declaration before you upload it.</p>
        </div>
        <nav aria-label="Sections">
          <a href="#your-files">Check</a>
          <a href="#messages">CBP messages</a>
          <a href="#reader">Rules</a>
          <a href="#house">House rules</a>
        </nav>
      </header>
      <main>
        <Files />
        <div class="columns">
          <Settings />
          <Missing />
        </div>
        <Run />
        {failure.value && <Trouble failure={failure.value} />}
        <Result />
        <Explain />
        <RuleReader />
        <HouseRules />
      </main>
      <footer>
        <p>
          A clean report is not a promise that CBP will accept an entry: CBP has data that no export shows, and it changes
          its rules. {about.value && `capelint ${about.value.version}, rule pack ${about.value.pack}.`}
        </p>
      </footer>
    </>
  );
}
