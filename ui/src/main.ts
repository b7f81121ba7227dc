import './styles/tokens.css'
import './styles/base.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { Session } from '$lib/store/session.svelte'
import { themes } from '$lib/store/theme.svelte'

themes.start()

const target = document.getElementById('app')
if (target) mount(App, { target, props: { session: new Session() } })
