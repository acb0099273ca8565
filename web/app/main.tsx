import { render } from "preact";
import { App } from "./views/app";
import { start } from "./state";
import "./style.css";

const root = document.getElementById("page");
if (root) render(<App />, root);
void start();
