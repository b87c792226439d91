import { fingerContract } from './contract.js';
import { overTcp } from './world.js';

fingerContract('tcp', overTcp, 'heals');
